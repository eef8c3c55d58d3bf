// `qmpd help [NAME]`: without a name the usage of the executable; with one, what qmpd's schema says about that command,
// event or type. (In the shell `help COMMAND` asks the server instead, which knows QEMU's commands too.)

import { helpText } from '../qapi/index.ts';
import { schemaIndex } from '../schema/index.ts';
import { serveUsage } from './serve.ts';

const subcommandUsage = `
Subcommands:
  qmpd shell [ADDRESS]   talk to a QMP server, on a terminal or from a script
  qmpd console [ID]      a terminal on a console of the machine
  qmpd script FILE       carry out the QMP commands in a file, or check them
  qmpd translate -- ...  make a script of a QEMU command line
  qmpd attach ADDRESS    share a QMP server that serves one client among many
  qmpd help [NAME]       this text, or what the schema says about a QMP command, event or type
  qmpd codegen ...       write a typed TypeScript client for one program that speaks QMP
  qmpd schema ...        compare the QMP interfaces of two programs, or show one
  qmpd qapi FILE         check a schema in QEMU's QAPI schema language, and make things of it

To begin: start 'qmpd' in one terminal and 'qmpd shell' in another.
`;

export async function run(argv: string[]): Promise<number> {
  const [name] = argv;
  if (name === undefined) {
    process.stdout.write(serveUsage + subcommandUsage);
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
