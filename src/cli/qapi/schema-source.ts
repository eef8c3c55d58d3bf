// Where a schema can come from on the command line: a schema file, a saved answer of query-qmp-schema, or a program
// that speaks QMP.

import { readFileSync, statSync } from 'node:fs';
import { connect } from '../../client/index.ts';
import type { Schema, SchemaError, SchemaInfo } from '../../qapi/index.ts';
import {
  compileSchema,
  IntrospectionError,
  introspect,
  parseSchemaInfo,
  schemaOfIntrospection,
} from '../../qapi/index.ts';
import { LocalError, messageOf } from '../../util/local-error.ts';
import { strerror } from '../../util/strerror.ts';

/** A saved answer that is larger is refused; QEMU's has 240 KB. */
const savedAnswerBytesMax = 64 * 1024 * 1024;

/** `readFile` for the compiler: the system's text without the path, which the compiler tells itself. */
export function readSchemaFile(path: string): Uint8Array | Error {
  try {
    return readFileSync(path);
  } catch (thrown) {
    return new Error(strerror(thrown));
  }
}

/** A fault that does not end anything, in the form of compilers' warnings. */
export function warningText({ location, reason, within }: SchemaError): string {
  const inside = within === undefined ? '' : ` (in ${within})`;
  return `${location.file.path}:${location.line}: warning: ${reason}${inside}`;
}

function isAddress(from: string): boolean {
  return /^(unix|tcp|fd):/.test(from) || (statSync(from, { throwIfNoEntry: false })?.isSocket() ?? false);
}

async function askProgram(address: string): Promise<unknown> {
  await using client = await connect({ address, oob: false });
  return await client.executeAny('query-qmp-schema');
}

/** The file holds the answer's list, or the whole answer with `return` around it. */
function parseSaved(from: string, text: string): SchemaInfo[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new LocalError('ERR_QMPD_SCHEMA', `${from}: ${messageOf(thrown)}`, { cause: thrown });
  }
  if (typeof value === 'object' && value !== null && 'return' in value) return parseFrom(from, value.return);
  return parseFrom(from, value);
}

function parseFrom(from: string, value: unknown): SchemaInfo[] {
  try {
    return parseSchemaInfo(value);
  } catch (thrown) {
    if (!(thrown instanceof IntrospectionError)) throw thrown;
    throw new LocalError('ERR_QMPD_SCHEMA', `${from}: ${thrown.message}`, { cause: thrown });
  }
}

/** A schema file is not JSON: its strings have single quotes, and it has comments. */
function looksLikeSavedAnswer(text: string): boolean {
  return /^\s*(\[|\{\s*")/.test(text);
}

function readText(from: string): string {
  const fail = (reason: string): never => {
    throw new LocalError('ERR_QMPD_SCHEMA', `${from}: ${reason}`);
  };
  const kind = statSync(from, { throwIfNoEntry: false });
  if (kind === undefined) return fail('no such file');
  // A pipe may be read (`<(command)`), a device never ends.
  if (!kind.isFile() && !kind.isFIFO()) return fail('neither a file nor a socket');
  if (kind.size > savedAnswerBytesMax) return fail(`larger than ${savedAnswerBytesMax / 1024 / 1024} MiB`);
  return readFileSync(from, 'utf8');
}

/** The introspection of a program (its QMP address or socket), a saved answer, or a schema file. */
export async function introspectionFrom(from: string): Promise<SchemaInfo[]> {
  const read = await readFrom(from);
  return 'compiled' in read ? introspect(read.compiled) : read.infos;
}

/** The same as a schema; the types of anything but a schema file have numbers for names. */
export async function schemaFrom(from: string): Promise<Schema> {
  const read = await readFrom(from);
  return 'compiled' in read ? read.compiled : schemaOfIntrospection(read.infos);
}

async function readFrom(from: string): Promise<{ compiled: Schema } | { infos: SchemaInfo[] }> {
  if (isAddress(from)) return { infos: parseFrom(from, await askProgram(from)) };
  const text = readText(from);
  if (looksLikeSavedAnswer(text)) return { infos: parseSaved(from, text) };
  // The file has been read: what it includes is read beside it.
  const readFile = (path: string): string | Uint8Array | Error =>
    path === from ? text : readSchemaFile(path);
  // Comments are not part of what is asked for, so their faults are none here.
  return { compiled: compileSchema(from, readFile, () => undefined) };
}
