// `qmpd shell [ADDR]`: a QMP client for people and for scripts. Talks to any QMP server.

import readline from 'node:readline';
import { parseArgs } from 'node:util';
import type { QmpClient } from '../client/index.ts';
import { defaultAddress } from './default-address.ts';
import { checkOwnDirectory } from './serve/own-directory.ts';
import { runBatch } from './shell/batch.ts';
import { historyPath } from './shell/history.ts';
import { runInteractive } from './shell/interactive.ts';
import { connectPatiently, waitDefaultMs } from './shell/patient-connect.ts';
import { colourStyle, plainStyle } from './shell/render.ts';
import { UsageError } from './usage-error.ts';

const usage = `usage: qmpd shell [--execute COMMAND]... [--pretty] [--wait SECONDS] [--timeout SECONDS] [ADDRESS]

Talks to a QMP server at ADDRESS: unix:PATH, a path, or tcp:HOST:PORT
(default: ${defaultAddress()}).
On a terminal: a line editor with history, completion and events; 'help' tells more.
Otherwise one command a line from the standard input; exit status 1 if any failed.

  -e, --execute COMMAND   carry this out instead of reading the input; may be repeated
      --pretty            long replies over several lines (default on a terminal)
      --wait SECONDS      how long to wait for a server that is not there yet (default 5)
      --timeout SECONDS   for connecting to one that is there (default 10)
  -h, --help
`;

export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      execute: { type: 'string', short: 'e', multiple: true },
      pretty: { type: 'boolean' },
      wait: { type: 'string' },
      timeout: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (positionals.length > 1) throw new UsageError(`one address is enough: '${positionals[1]}' is too much`);
  const address = positionals[0] ?? ownAddress();
  const timeoutMs = values.timeout === undefined ? 10_000 : millisecondsOf('--timeout', values.timeout);
  if (timeoutMs === 0) throw new UsageError('--timeout 0: no time to connect in');
  const waitMs = values.wait === undefined ? waitDefaultMs : millisecondsOf('--wait', values.wait);
  await using client = await connectPatiently({ address, timeoutMs }, waitMs);
  const onTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const good =
    onTerminal && values.execute === undefined
      ? await interactive(client, address)
      : await runBatch({
          client,
          lines: values.execute ?? readline.createInterface({ input: process.stdin }),
          output: process.stdout,
          errors: process.stderr,
          pretty: values.pretty ?? process.stdout.isTTY === true,
        });
  return good ? 0 : 1;
}

/** The user's own server: not one that somebody else put in its place. */
function ownAddress(): string {
  const address = defaultAddress();
  checkOwnDirectory(address.slice('unix:'.length));
  return address;
}

async function interactive(client: QmpClient, address: string): Promise<boolean> {
  const { version, package: build } = client.greeting;
  const name = `QEMU ${version.major}.${version.minor}.${version.micro}${build === '' ? '' : ` (${build})`}`;
  process.stdout.write(`${address}: ${name}. Tab completes, 'help' helps, Ctrl-D leaves.\n`);
  return await runInteractive({
    client,
    input: process.stdin,
    output: process.stdout,
    style: process.env.NO_COLOR ? plainStyle : colourStyle,
    historyFile: historyPath(),
  });
}

/** At most a day. */
function millisecondsOf(option: string, seconds: string): number {
  const value = seconds.trim() === '' ? Number.NaN : Number(seconds);
  if (!(value >= 0 && value <= 86_400)) throw new UsageError(`${option} ${seconds}: not a number of seconds`);
  return value * 1000;
}
