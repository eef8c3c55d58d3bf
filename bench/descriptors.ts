// What it costs to hand over a descriptor: getfd with a descriptor beside it, then closefd, one pair after another.

import { closeSync, openSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Connection } from '../src/qmp/connection.ts';
import { connectUnix } from '../src/transports/unix/unix.ts';

const getfd = '{"execute": "getfd", "arguments": {"fdname": "f"}}\r\n';
const closefd = '{"execute": "closefd", "arguments": {"fdname": "f"}}\r\n';

/** Pairs a second; undefined when descriptors cannot travel from here. */
export async function descriptorsPerSecond(path: string, seconds: number): Promise<number | undefined> {
  const connection = await connectUnix(path);
  if (!connection.canPassFds) {
    connection.destroy();
    return undefined;
  }
  const file = openSync('/dev/null', 'r');
  const lines = lineCounter(connection);
  await lines(1);
  connection.write('{"execute": "qmp_capabilities"}\r\n');
  await lines(1);
  const start = performance.now();
  let pairs = 0;
  while (performance.now() - start < seconds * 1000) {
    connection.write(getfd, [file]);
    await lines(1);
    connection.write(closefd);
    await lines(1);
    pairs += 1;
  }
  const elapsed = performance.now() - start;
  connection.destroy();
  closeSync(file);
  return (pairs / elapsed) * 1000;
}

/** Starts the connection; the function resolves when so many more lines have come. */
function lineCounter(connection: Connection): (count: number) => Promise<void> {
  let missing = 0;
  let wake = (): void => undefined;
  connection.start({
    data(chunk) {
      for (const byte of chunk) if (byte === 10) missing -= 1;
      if (missing <= 0) wake();
    },
    end() {},
    drain() {},
    close() {},
  });
  return async (count) => {
    missing += count;
    if (missing > 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}
