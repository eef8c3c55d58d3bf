// `qmpd --daemonize`: the server in a process of its own, in a session without a terminal (QEMU: -daemonize). This
// process stays until that one listens or has failed, and passes on what it has to say until then.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { LocalError } from '../../util/local-error.ts';
import { UsageError } from '../usage-error.ts';

/** What the server tells over the channel that Node makes between parent and child. */
interface Ready {
  readonly listening: readonly string[];
}

const standardError = 2;

/** `argv` without --daemonize. Resolves to the exit status. */
export async function daemonize(argv: readonly string[], addresses: readonly string[]): Promise<number> {
  const inherited = addresses.find((address) => address === 'stdio' || address.startsWith('fd:'));
  if (inherited !== undefined) throw new UsageError(`--daemonize cannot go with the address '${inherited}'`);
  const child = startChild(argv);
  child.stderr?.pipe(process.stderr);
  const ready = once(child, 'message').then(([message]) => message as Ready);
  const end = ended(child);
  const first = await Promise.race([ready, end]);
  if (!('listening' in first)) {
    if (child.stderr !== null && !child.stderr.readableEnded) await once(child.stderr, 'end');
    return first.status;
  }
  for (const address of first.listening) process.stdout.write(`${address}\n`);
  child.stderr?.destroy();
  child.unref();
  return 0;
}

function startChild(argv: readonly string[]): ChildProcess {
  // A log that goes to a file goes on there; a terminal or a pipe is left alone once the server listens.
  const keepsLog = fstatSync(standardError).isFile();
  const script = process.argv[1] ?? '';
  return spawn(process.execPath, [...process.execArgv, script, ...argv, ...(keepsLog ? [] : ['--quiet'])], {
    detached: true,
    stdio: [argv.includes('-') ? 'inherit' : 'ignore', 'ignore', keepsLog ? 'inherit' : 'pipe', 'ipc'],
  });
}

function ended(child: ChildProcess): Promise<{ readonly status: number }> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(
        new LocalError('ERR_QMPD_DAEMONIZE', `no process could be started: ${cause.message}`, { cause }),
      ),
    );
    child.once('exit', (status) => resolve({ status: status ?? 1 }));
  });
}

/** Lets the parent go, if there is one that waits for this server. */
export function tellParent(addresses: readonly string[]): void {
  if (process.send === undefined) return;
  process.stderr.on('error', () => undefined);
  const ready: Ready = { listening: addresses };
  process.send(ready, () => {
    if (process.connected) process.disconnect();
  });
}
