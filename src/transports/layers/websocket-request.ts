// The request that opens a websocket, and the answer to it (RFC 6455, section 4). Who may open one: any program, and pages
// that came from this server's own address or from a site that was named; see `hostAdmitted`. No I/O.

import { createHash } from 'node:crypto';
import { isIP } from 'node:net';

/** Fixed by RFC 6455, section 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

type Answer =
  | { readonly kind: 'accepted'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: string };

const notFound = 'the path is not /';
export const tooLarge = 'the request is too long';
const wrongHost = "the host must be an address, 'localhost', or in 'websocket-hosts'";
const wrongOrigin = "the page is from another site, which is not in 'websocket-hosts'";
const statuses: Readonly<Record<string, string>> = {
  [notFound]: '404 Not Found',
  [tooLarge]: '403 Request Entity Too Large',
  [wrongHost]: '403 Forbidden',
  [wrongOrigin]: '403 Forbidden',
};

/** `request` is without the empty line at its end. */
export function answerTo(request: string, hosts: readonly string[]): Answer {
  const [first = '', ...lines] = request.split('\r\n');
  if (/^GET (?!\/ )\S+ HTTP\/1\.1$/.test(first)) return { kind: 'refused', why: notFound };
  if (first !== 'GET / HTTP/1.1') return { kind: 'refused', why: 'only GET of HTTP/1.1 is understood' };
  const headers = new Map(lines.map(headerOf));
  const offered = headers.get('sec-websocket-protocol')?.split(/\s*,\s*/);
  const key = headers.get('sec-websocket-key') ?? '';
  if (offered && !offered.includes('binary'))
    return { kind: 'refused', why: "the subprotocol 'binary' is not offered" };
  const host = headers.get('host');
  if (host === undefined) return { kind: 'refused', why: 'the host is missing' };
  if (!hostAdmitted(host, hosts)) return { kind: 'refused', why: wrongHost };
  if (!originAdmitted(headers.get('origin'), host, hosts)) return { kind: 'refused', why: wrongOrigin };
  if (headers.get('sec-websocket-version') !== '13') return { kind: 'refused', why: 'the version is not 13' };
  if (Buffer.from(key, 'base64').length !== 16) return { kind: 'refused', why: 'the key is not of 16 bytes' };
  if (!/(^|,)\s*upgrade\s*(,|$)/i.test(headers.get('connection') ?? '')) {
    return { kind: 'refused', why: 'the connection is not to be upgraded' };
  }
  if ((headers.get('upgrade') ?? '').toLowerCase() !== 'websocket') {
    return { kind: 'refused', why: 'the upgrade is not to a websocket' };
  }
  return { kind: 'accepted', text: httpUpgrade(key, offered !== undefined) };
}

/**
 * A site can make its own name point to our address (DNS rebinding), and is then "the same site" to the browser. What no
 * stranger's page can have as its name is an address, localhost, and what the administrator listed.
 */
function hostAdmitted(host: string, hosts: readonly string[]): boolean {
  const name = nameOf(host);
  if (name === undefined) return false;
  return name === 'localhost' || isIP(name) !== 0 || hosts.some((known) => known.toLowerCase() === name);
}

/** Programs send no origin; browsers always do, and cannot be made to lie. */
function originAdmitted(origin: string | undefined, host: string, hosts: readonly string[]): boolean {
  if (origin === undefined) return true;
  const authority = /^https?:\/\/([^/?#@]+)$/i.exec(origin)?.[1]?.toLowerCase();
  if (authority === undefined) return false;
  if (authority === host.toLowerCase()) return true;
  const name = nameOf(authority);
  return hosts.some((known) => known.toLowerCase() === name || known.toLowerCase() === authority);
}

/** The name or the address of "name:port" and "[address]:port"; undefined for what is neither. */
function nameOf(authority: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(authority);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}

function httpUpgrade(key: string, withProtocol: boolean): string {
  const accept = createHash('sha1')
    .update(key + acceptSuffix)
    .digest('base64');
  return httpHead('101 Switching Protocols', [
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...(withProtocol ? ['Sec-WebSocket-Protocol: binary'] : []),
  ]);
}

export function httpError(why: string): string {
  const status = statuses[why] ?? '400 Bad Request';
  return `${httpHead(status, ['Connection: close', 'Content-Type: text/plain'])}${why}\r\n`;
}

function httpHead(status: string, headers: readonly string[]): string {
  return [`HTTP/1.1 ${status}`, 'Server: qmpd', `Date: ${new Date().toUTCString()}`, ...headers, '', ''].join(
    '\r\n',
  );
}
