// Keeps web pages from commanding a machine: a browser can be made to send any body to any port it reaches, and a QMP
// server that skipped the request's head as bad JSON would carry out what follows. A first line that is an HTTP request
// line (RFC 9112, section 3) ends the connection before a byte of it is looked at. JSON never begins with a letter that
// means anything to QMP, so no client of QMP is held up. Not for websocket streams, whose HTTP has been read below.

import type { CloseReason, ConnectionHandler } from '../../qmp/connection.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import type { ByteStream } from './stream.ts';

/** A first line that looks like HTTP and is still longer than this counts as HTTP: browsers choose how long it is. */
const requestLineBytesMax = 16 * 1024;

/** The beginning of a request line, as far as it has come: a method of letters, then the rest of the line. */
const beginning = /^[A-Za-z-]{1,32}(?: [^\r\n]*)?$/;
const requestLine = /^[A-Za-z-]{1,32} [^\r\n]*HTTP\/\d/;

/** What is held back until it is known what the first line is; undefined when that is known. */
type Held = { text: string } | undefined;

/** Stands between a stream and its handler. The stream is destroyed, with an error as its reason, for a peer of HTTP. */
export function withoutHttp(
  stream: Pick<ByteStream, 'destroy'>,
  handler: ConnectionHandler,
): ConnectionHandler {
  let held: Held = { text: '' };
  let refused = false;
  const release = (): void => {
    const text = held?.text ?? '';
    held = undefined;
    if (text !== '') handler.data(Buffer.from(text, 'latin1'), []);
  };
  const receive = (chunk: Uint8Array, fds: readonly OwnedFd[]): void => {
    if (refused) {
      for (const fd of fds) fd.close();
      return;
    }
    if (held === undefined) {
      handler.data(chunk, fds);
      return;
    }
    const verdict = fds.length > 0 ? 'other' : firstLine(held.text + latin1(chunk));
    if (verdict === 'http') {
      held = undefined;
      refused = true;
      stream.destroy();
    } else if (verdict === 'open') {
      held.text += latin1(chunk);
    } else {
      release();
      handler.data(chunk, fds);
    }
  };
  return {
    data: receive,
    end: () => {
      if (refused) return;
      release();
      handler.end();
    },
    drain: () => handler.drain(),
    close: (reason) => handler.close(refused ? spokeHttp : reason),
  };
}

const spokeHttp: CloseReason = { kind: 'error', message: 'the peer speaks HTTP' };

/** `open`: it may still become a request line. */
function firstLine(text: string): 'http' | 'other' | 'open' {
  const start = text.slice(0, requestLineBytesMax);
  const end = start.search(/[\r\n]/);
  if (end >= 0) return requestLine.test(start.slice(0, end)) ? 'http' : 'other';
  if (!beginning.test(start)) return 'other';
  return text.length >= requestLineBytesMax ? 'http' : 'open';
}

/** One character a byte; no more than decides. */
function latin1(chunk: Uint8Array): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, requestLineBytesMax)).toString(
    'latin1',
  );
}
