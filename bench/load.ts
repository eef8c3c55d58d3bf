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
  let lines = 0;
  while (lines < 2) {
    const [chunk] = await once(socket, 'data');
    lines += countLines(chunk);
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
  let oldest = 0;
  socket.on('data', (chunk: Buffer) => {
    const answered = countLines(chunk);
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

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  return lines;
}
