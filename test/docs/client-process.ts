// A client as a process of its own, which can be killed at any moment: sends each line of its standard input that is
// "FILE JSON" as JSON with a descriptor of FILE beside it ("-" for none), and prints what it reads.

import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { connectUnix } from '../../src/transports/unix/unix.ts';

const connection = await connectUnix(process.argv[2] ?? '');
connection.start({
  data: (chunk) => void process.stdout.write(chunk),
  end: () => connection.end(),
  drain: () => undefined,
  close: () => process.exit(),
});
for await (const line of createInterface({ input: process.stdin })) {
  const [, file = '-', json = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
  connection.write(`${json}\n`, file === '-' ? undefined : [openSync(file, 'r')]);
}
connection.destroy();
