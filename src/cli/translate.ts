// `qmpd translate -- qemu-system-x86_64 ARGS...`: a command line of QEMU as a script for qmpd. What each option means is
// in src/cli/translate; here are the types, which the QEMU that is installed tells, and the printing.

import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from '../client/index.ts';
import { printCompact } from '../json/print.ts';
import { jsonObject } from '../json/value.ts';
import { startServer } from '../server/index.ts';
import { LocalError, messageOf } from '../util/local-error.ts';
import { commandText } from './script/command-text.ts';
import { makePrivateDirectory } from './serve/own-directory.ts';
import { type Note, type TranslatedCommand, type Translation, translate } from './translate/index.ts';
import { withTypes } from './translate/typing.ts';
import { UsageError } from './usage-error.ts';

const usage = `usage: qmpd translate [--json] [--qemu BINARY] -- QEMU-BINARY [ARGUMENT]...

Prints the QMP commands by which qmpd makes the machine that this command line of QEMU would make: a script for
'qmpd --script'. What cannot be expressed is said in comments at its beginning, and on the standard error output.

      --json          each command as the JSON object that goes over the wire
      --qemu BINARY   the QEMU that is asked for the types of its devices (default: the one of the command line, else
                      the one in PATH)
  -h, --help
`;

export async function run(argv: string[]): Promise<number> {
  const end = argv.indexOf('--');
  const { values, positionals } = parseArgs({
    args: end < 0 ? argv : argv.slice(0, end),
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      qemu: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const [binary, ...words] = end < 0 ? [] : argv.slice(end + 1);
  if (binary === undefined || positionals.length > 0) {
    throw new UsageError("translate takes a command line behind '--'");
  }
  const { commands, notes } = await typed(translation(words), values.qemu ?? installed(binary));
  print(commands, notes, values.json === true);
  return 0;
}

function translation(words: readonly string[]): Translation {
  try {
    return translate(words, (file) => readFileSync(file, 'utf8'));
  } catch (thrown) {
    throw new LocalError('ERR_QMPD_TRANSLATE', messageOf(thrown), { cause: thrown });
  }
}

/** The program of the command line, if it is there. */
function installed(binary: string): string | undefined {
  const places = binary.includes('/')
    ? [binary]
    : (process.env.PATH ?? '').split(':').map((directory) => path.join(directory, binary));
  return places.find((place) => statSync(place, { throwIfNoEntry: false })?.isFile());
}

/** Asks a server of its own, without a machine, what that QEMU says of its commands and devices. */
async function typed({ commands, notes }: Translation, qemuBinary: string | undefined): Promise<Translation> {
  const { directory, remove } = makePrivateDirectory();
  const address = `unix:${directory}/translate.sock`;
  try {
    const server = await startServer({
      listeners: [address],
      ...(qemuBinary === undefined ? {} : { qemuBinary }),
    });
    try {
      await using client = await connect(address);
      const result = await withTypes(commands, (command, args) => client.executeAny(command, args));
      return { commands: result.commands, notes: [...notes, ...result.notes] };
    } finally {
      await server.stop();
    }
  } finally {
    remove();
  }
}

function print(commands: readonly TranslatedCommand[], notes: readonly Note[], json: boolean): void {
  for (const { option, kind, text } of notes) {
    const line = `${option}: ${kind === 'lost' ? 'not translated: ' : ''}${text}\n`;
    process.stderr.write(`qmpd: ${line}`);
    process.stdout.write(`# ${line}`);
  }
  for (const command of commands) {
    const text = json ? printCompact(jsonObject({ ...command })) : commandText(command);
    process.stdout.write(`${text}\n`);
  }
}
