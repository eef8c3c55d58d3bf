// `qmpd console [ID]`: a terminal on a console of the machine, as ssh or telnet would show it.

import { connect as dial, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { connect, type QmpClient } from '../client/index.ts';
import { LocalError } from '../util/local-error.ts';
import { ConsoleEscape, type ConsoleKey, consoleHelp } from './console/escape.ts';
import { defaultAddress } from './default-address.ts';
import { checkOwnDirectory } from './serve/own-directory.ts';
import { UsageError } from './usage-error.ts';

const usage = `usage: qmpd console [--qmp ADDRESS] [ID]

Shows the console ID of the server at ADDRESS (default: ${defaultAddress()}), and what is typed goes to the guest.
Without an ID: the only console that is open. Ctrl-] . leaves.

      --qmp ADDRESS   the QMP server: unix:PATH, a path, or tcp:HOST:PORT
  -h, --help
`;

export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { qmp: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (positionals.length > 1) throw new UsageError('console takes one id');
  if (values.qmp === undefined) checkOwnDirectory(defaultAddress().slice('unix:'.length));
  await using client = await connect(values.qmp ?? defaultAddress());
  const { id, address } = await findConsole(client, positionals[0]);
  const socket = await open(address);
  process.stderr.write(`console '${id}': Ctrl-] ? helps, Ctrl-] . leaves\r\n`);
  using _ = tellSize(client, id);
  await show(socket, async (key) => {
    if (key === 'break') await client.execute('chardev-send-break', { id });
    if (key === 'help') process.stderr.write(`\r\n${consoleHelp}\r\n`);
  });
  return 0;
}

async function findConsole(
  client: QmpClient,
  wanted: string | undefined,
): Promise<{ id: string; address: string }> {
  const consoles = await client.execute('query-consoles');
  const names = consoles.map(({ id }) => id).join(', ') || 'none';
  const found = consoles.filter(({ id }) => wanted === undefined || id === wanted);
  const [first, ...more] = found;
  if (!first || more.length > 0) {
    const what = wanted === undefined ? 'an id is needed' : `no console '${wanted}' is open`;
    throw new LocalError('ERR_QMPD_CONSOLE', `${what}; open are: ${names}`);
  }
  if (first.address === undefined) {
    throw new LocalError(
      'ERR_QMPD_CONSOLE',
      `the console '${first.id}' has no address ('addr' of chardev-add)`,
    );
  }
  return { id: first.id, address: first.address };
}

function open(address: string): Promise<Socket> {
  const [, path] = /^unix:(.*)$/.exec(address) ?? [];
  const [, host = '', port] = /^tcp:(.*):(\d+)$/.exec(address) ?? [];
  const target = path === undefined ? { host, port: Number(port) } : { path: path.replace(/^@/, '\0') };
  return new Promise((resolve, reject) => {
    const socket = dial(target);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (cause) => {
      reject(new LocalError('ERR_QMPD_CONSOLE', `cannot connect to ${address}: ${cause.message}`, { cause }));
    });
  });
}

/** Tells the size of the terminal, now and whenever it changes. */
function tellSize(client: QmpClient, id: string): Disposable {
  const { stdout } = process;
  // Only a hint: a server may not accept it, and the console may just be closing. Both are fine.
  const tell = (): void => {
    const { columns: cols, rows } = stdout;
    if (cols > 0 && rows > 0) client.execute('console-resize', { id, cols, rows }).catch(() => undefined);
  };
  if (stdout.isTTY) {
    tell();
    stdout.on('resize', tell);
  }
  return { [Symbol.dispose]: () => void stdout.off('resize', tell) };
}

/** Until the user leaves, the input ends or the console goes away; the terminal is as before then. */
async function show(socket: Socket, press: (key: ConsoleKey) => Promise<void>): Promise<void> {
  const { stdin, stdout } = process;
  const raw = stdin.isTTY === true;
  const restore = (): void => {
    if (raw) stdin.setRawMode(false);
  };
  process.once('exit', restore);
  if (raw) stdin.setRawMode(true);
  try {
    await new Promise<void>((resolve, reject) => {
      const typed = new ConsoleEscape();
      stdin.on('data', (bytes: Buffer) => {
        for (const part of typed.read(bytes)) {
          if (typeof part !== 'string') socket.write(part);
          else if (part === 'leave') resolve();
          else press(part).catch(reject);
        }
      });
      stdin.once('end', () => socket.end());
      socket.on('error', reject);
      socket.once('close', () => resolve());
      socket.pipe(stdout, { end: false });
    });
  } finally {
    restore();
    process.off('exit', restore);
    socket.destroy();
    stdin.pause();
  }
}
