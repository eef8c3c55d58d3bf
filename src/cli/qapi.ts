// `qmpd qapi`: the schema compiler by itself. Without options it only checks; its messages and exit status are those
// of a compiler (0 good, 1 a fault in the schema).

import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Schema } from '../qapi/index.ts';
import {
  compileSchema,
  configureSchema,
  helpText,
  introspect,
  markdownPages,
  normalForm,
  openRpcDocument,
  SchemaError,
  SchemaIndex,
  typescriptTypes,
} from '../qapi/index.ts';
import { LocalError } from '../util/local-error.ts';
import { makeOutputFolder, writeOutput } from './qapi/output-file.ts';
import { readSchemaFile, warningText } from './qapi/schema-source.ts';
import { UsageError } from './usage-error.ts';

const usage = `usage: qmpd qapi FILE [options]

Checks a schema in QEMU's QAPI schema language, with all files that it includes.

  --print             print it in one file and one style
  --ir                print its intermediate form as JSON
  --help-on NAME      print what it says about a command, event or type
  --emit KIND         with --out: typescript, introspection, markdown, openrpc, ir or normal-form; may be repeated
  --out FOLDER        where the emitted files go; it is made if need be
  --define SYMBOL     a symbol that conditions ('if') may name; with this option, what has a condition that does not
                      hold is left out of everything; may be repeated
  --strict            a documentation comment that breaks a rule is an error, as for QEMU 10's own schema; without
                      this option it is a warning
  -h, --help
`;

/** What each kind writes: file names and their content. */
type Emitter = (schema: Schema) => ReadonlyMap<string, string>;

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

const emitters: ReadonlyMap<string, Emitter> = new Map<string, Emitter>([
  [
    'typescript',
    (schema) => new Map([['types.ts', typescriptTypes(schema, { header: [], valueModule: 'qmpd/qapi' })]]),
  ],
  ['introspection', (schema) => new Map([['introspection.json', json(introspect(schema))]])],
  ['markdown', (schema) => markdownPages(schema, { title: 'QMP reference', introduction: 'All modules:' })],
  [
    'openrpc',
    (schema) =>
      new Map([['openrpc.json', json(openRpcDocument(schema, { title: 'QMP', version: '1.0.0' }))]]),
  ],
  ['ir', (schema) => new Map([['ir.json', json(schema)]])],
  ['normal-form', (schema) => new Map([['schema.json', normalForm(schema)]])],
]);

function emit(schema: Schema, kinds: readonly string[], folder: string | undefined): void {
  if (folder === undefined) throw new UsageError('--emit needs --out');
  const chosen = kinds.map((kind) => {
    const emitter = emitters.get(kind);
    if (emitter === undefined) throw new UsageError(`--emit knows: ${[...emitters.keys()].join(', ')}`);
    return emitter;
  });
  makeOutputFolder(folder);
  for (const emitter of chosen) {
    for (const [name, text] of emitter(schema)) writeOutput(path.join(folder, name), text);
  }
}

function printHelpOn(schema: Schema, name: string): void {
  const text = helpText(new SchemaIndex(schema), name);
  if (text === undefined) throw new LocalError('ERR_QMPD_SCHEMA', `'${name}' is not defined`);
  process.stdout.write(text);
}

interface CompileOptions {
  readonly defined: readonly string[] | undefined;
  readonly strict: boolean;
}

function compile(file: string, { defined, strict }: CompileOptions): Schema | undefined {
  const warn = (fault: SchemaError): void => void process.stderr.write(`${warningText(fault)}\n`);
  try {
    const schema = compileSchema(file, readSchemaFile, strict ? undefined : warn);
    return defined === undefined ? schema : configureSchema(schema, new Set(defined));
  } catch (thrown) {
    if (!(thrown instanceof SchemaError)) throw thrown;
    process.stderr.write(`${thrown.message}\n`);
    return undefined;
  }
}

export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      print: { type: 'boolean' },
      ir: { type: 'boolean' },
      'help-on': { type: 'string' },
      emit: { type: 'string', multiple: true },
      out: { type: 'string' },
      define: { type: 'string', multiple: true },
      strict: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError('qapi needs one schema file');
  const schema = compile(file, { defined: values.define, strict: values.strict ?? false });
  if (schema === undefined) return 1;
  if (values.print) process.stdout.write(normalForm(schema));
  if (values.ir) process.stdout.write(json(schema));
  if (values['help-on'] !== undefined) printHelpOn(schema, values['help-on']);
  if (values.emit !== undefined) emit(schema, values.emit, values.out);
  return 0;
}
