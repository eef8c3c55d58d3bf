// A client that keeps a number of requests in flight and does nothing else with the answers than to count their lines
// and to note how long each took; its own cost is the same for both peers.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Connects and negotiates; resolves when the peer answers commands. */
export async function negotiate(path: string): Promise<Socket> {
  const socket = createConnection(path);
  await once(socket, 'connect');
  socket.write('{"execute": "qmp_capabilities"}\r\n');
  const counter = new AnswerCounter();
  let lines = 0;
  while (lines < 2) {
    const [chunk] = await once(socket, 'data');
    lines += counter.count(chunk);
  }
  return socket;
}

/** Requests without arguments, `window` of them in flight, for `seconds`. */
export async function load(
  path: string,
  command: string,
  window: number,
  seconds: number,
): Promise<LoadResult> {
  const socket = await negotiate(path);
  const line = Buffer.from(`{"execute": "${command}"}\r\n`);
  const sent: number[] = [];
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const send = (count: number): void => {
    const now = performance.now();
    for (let i = 0; i < count; i += 1) sent.push(now);
    socket.write(count === 1 ? line : Buffer.concat(Array.from({ length: count }, () => line)));
  };
  const counter = new AnswerCounter();
  let oldest = 0;
  socket.on('data', (chunk: Buffer) => {
    const answered = counter.count(chunk);
    if (answered === 0) return;
    const now = performance.now();
    for (let i = 0; i < answered; i += 1) latencies.push(now - (sent[oldest + i] ?? now));
    oldest += answered;
    if (now < end) send(answered);
    else if (oldest === sent.length) socket.destroy();
  });
  send(window);
  await once(socket, 'close');
  const elapsed = performance.now() - start;
  latencies.sort((a, b) => a - b);
  const quantile = (q: number): number => (latencies[Math.floor(latencies.length * q)] ?? 0) * 1000;
  return { perSecond: (latencies.length / elapsed) * 1000, p50Us: quantile(0.5), p99Us: quantile(0.99) };
}

/** Counts the answers in a stream, leaving out events: "{\"timestamp" against "{\"return", "{\"id", "{\"QMP". */
class AnswerCounter {
  /** The line that is being received: how much of it there was, and its third byte. */
  #length = 0;
  #third = 0;

  count(chunk: Buffer): number {
    let answers = 0;
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#see(chunk, start, end);
      if (this.#third !== timestampLetter) answers += 1;
      this.#length = 0;
      start = end + 1;
    }
    this.#see(chunk, start, chunk.length);
    return answers;
  }

  #see(chunk: Buffer, start: number, end: number): void {
    const at = start + 2 - this.#length;
    if (at >= start && at < end) this.#third = chunk[at] ?? 0;
    this.#length += end - start;
  }
}

const timestampLetter = 't'.charCodeAt(0);
