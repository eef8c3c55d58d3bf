// `qmpd schema`: what a program's QMP interface is, and what changed between two.

import { parseArgs } from 'node:util';
import { changeText, diffSchemas, SchemaError } from '../qapi/index.ts';
import { introspectionFrom, schemaFrom } from './qapi/schema-source.ts';
import { UsageError } from './usage-error.ts';

const usage = `usage: qmpd schema diff A B [--breaking] [--exit-code]
       qmpd schema show A

A and B are each a QMP socket (a path, unix:PATH or tcp:HOST:PORT), a file with the answer to query-qmp-schema, or a
schema file.

  diff         what came, went or changed from A to B, one line each
  --breaking   only what a client for A could trip over
  --exit-code  end with status 1 when something changed
  show         the schema in the form of query-qmp-schema's answer, to save it
  -h, --help
`;

async function diff(
  from: string,
  to: string,
  options: { breaking: boolean; exitCode: boolean },
): Promise<number> {
  const changes = diffSchemas(await schemaFrom(from), await schemaFrom(to));
  const shown = options.breaking ? changes.filter((change) => change.breaking) : changes;
  process.stdout.write(shown.map((change) => `${changeText(change)}\n`).join(''));
  return options.exitCode && shown.length > 0 ? 1 : 0;
}

async function show(from: string): Promise<number> {
  process.stdout.write(`${JSON.stringify(await introspectionFrom(from), undefined, 1)}\n`);
  return 0;
}

export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      breaking: { type: 'boolean', default: false },
      'exit-code': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [command, a, b, ...rest] = positionals;
  try {
    if (command === 'diff' && a !== undefined && b !== undefined && rest.length === 0) {
      return await diff(a, b, { breaking: values.breaking, exitCode: values['exit-code'] });
    }
    if (command === 'show' && a !== undefined && b === undefined) return await show(a);
  } catch (thrown) {
    if (!(thrown instanceof SchemaError)) throw thrown;
    process.stderr.write(`${thrown.message}\n`);
    return 1;
  }
  throw new UsageError('schema needs: diff A B, or: show A');
}
