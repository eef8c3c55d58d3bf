// `qmpd script FILE [ADDRESS]`: carries out the QMP commands in a file on a server that runs, or checks them. The server
// itself takes scripts with --script (serve.ts).

import { parseArgs } from 'node:util';
import { connect } from '../client/index.ts';
import { print } from '../json/print.ts';
import type { JsonObject } from '../json/value.ts';
import { defaultAddress } from './default-address.ts';
import { commandText } from './script/command-text.ts';
import { checkScript, readScript, runScript } from './script/run.ts';
import { UsageError } from './usage-error.ts';

const usage = `usage: qmpd script [--check] FILE [ADDRESS]
       qmpd script --save [ADDRESS]

Carries out the QMP commands in FILE ('-': the standard input) on the QMP server at ADDRESS
(default: ${defaultAddress()}),
prints the answers, one a line, and ends at the first error with status 1.

      --check   only check names and types against the server's schema
      --save    print the script that declares the machine of the server
  -h, --help
`;

export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      check: { type: 'boolean' },
      save: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.save === true) return await save(positionals);
  const [file, address = defaultAddress(), ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('script takes a file and an address');
  const script = readScript(file);
  await using client = await connect(address);
  if (values.check === true) await checkScript(client, script);
  else await runScript(client, script, (value) => void process.stdout.write(`${print(value)}\n`));
  return 0;
}

async function save([address = defaultAddress(), ...more]: readonly string[]): Promise<number> {
  if (more.length > 0) throw new UsageError('script --save takes one address');
  await using client = await connect(address);
  for (const { execute, arguments: args } of await client.execute('query-machine-config')) {
    const command = args === undefined ? { execute } : { execute, arguments: args as JsonObject };
    process.stdout.write(`${commandText(command)}\n`);
  }
  return 0;
}
