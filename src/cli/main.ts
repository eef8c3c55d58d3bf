#!/usr/bin/env node
// The executable `qmpd`: picks the subcommand, and is the only place that turns an error into a message and an exit
// status: 0 good, 1 failed, 2 a command line that cannot be understood.

import { LocalError, messageOf } from '../util/local-error.ts';
import { UsageError } from './usage-error.ts';

interface Subcommand {
  /** Takes what follows the subcommand's name; resolves to the exit status. */
  run(argv: string[]): Promise<number>;
}

/** One file each, loaded when asked for. */
const subcommands: ReadonlyMap<string, () => Promise<Subcommand>> = new Map<
  string,
  () => Promise<Subcommand>
>([
  ['attach', () => import('./attach.ts')],
  ['codegen', () => import('./codegen.ts')],
  ['console', () => import('./console.ts')],
  ['help', () => import('./help.ts')],
  ['qapi', () => import('./qapi.ts')],
  ['script', () => import('./script.ts')],
  ['schema', () => import('./schema.ts')],
  ['shell', () => import('./shell.ts')],
  ['translate', () => import('./translate.ts')],
]);

async function main(argv: string[]): Promise<number> {
  const [name = '', ...rest] = argv;
  if (name === '--help' || name === '-h') return await (await import('./help.ts')).run([]);
  if (name === '' || name.startsWith('-')) return await (await import('./serve.ts')).run(argv);
  const load = subcommands.get(name);
  if (load === undefined) {
    throw new UsageError(
      `'${name}' is not a subcommand; expected one of: ${[...subcommands.keys()].join(', ')}`,
    );
  }
  const subcommand = await load();
  return await subcommand.run(rest);
}

function report(thrown: unknown, name: string | undefined): number {
  if (isUsageError(thrown)) {
    const help = name !== undefined && subcommands.has(name) ? `qmpd ${name} --help` : 'qmpd --help';
    process.stderr.write(`qmpd: ${withoutAdvice(messageOf(thrown))}\nqmpd: try '${help}'\n`);
    return 2;
  }
  const code = thrown instanceof LocalError ? ` (${thrown.code})` : '';
  process.stderr.write(`qmpd: ${messageOf(thrown)}${code}\n`);
  return 1;
}

function isUsageError(thrown: unknown): boolean {
  if (thrown instanceof UsageError) return true;
  return thrown instanceof TypeError && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS_');
}

/** Node's messages about options go on with what is good for those who know Node's own conventions. */
function withoutAdvice(message: string): string {
  return message.replace(/\. To specify a positional argument .*$/s, '');
}

/**
 * Resolves to true when all that was written is out, or its reader is gone: a full pipe takes the rest only later.
 * False: it could not be written, as on a full disk.
 */
function printed(stream: NodeJS.WriteStream): Promise<boolean> {
  return new Promise((resolve) => {
    stream.once('error', (error) => resolve('code' in error && error.code === 'EPIPE'));
    stream.write('', (error) => {
      if (!error) resolve(true);
    });
  });
}

// Not left to the event loop: a subcommand is over when its promise is, whatever its libraries still keep open.
const argv: string[] = process.argv.slice(2);
const status: number = await main(argv).catch((thrown: unknown) => report(thrown, argv[0]));
const [complete] = await Promise.all([printed(process.stdout), printed(process.stderr)]);
if (!complete) process.stderr.write('qmpd: the output could not be written\n');
process.exit(complete ? status : Math.max(status, 1));
