// `qmpd help [NAME]`: without a name the usage of the executable; with one, what qmpd's schema says about that command,
// event or type. (In the shell `help COMMAND` asks the server instead, which knows QEMU's commands too.)

import { parseArgs } from 'node:util';
import { helpText } from '../qapi/index.ts';
import { schemaIndex } from '../schema/index.ts';
import { usage } from './usage.ts';
import { UsageError } from './usage-error.ts';

export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new UsageError('help takes one name');
  if (name === undefined || values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const text = helpText(schemaIndex, name);
  if (text === undefined) {
    process.stderr.write(`qmpd: the schema has no command, event or type '${name}'\n`);
    return 1;
  }
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return 0;
}
