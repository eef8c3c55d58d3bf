// Where a schema can come from on the command line: a schema file, a saved answer of query-qmp-schema, or a program
// that speaks QMP.

import { readFileSync, statSync } from 'node:fs';
import { connect } from '../client/index.ts';
import type { Schema, SchemaInfo } from '../qapi/index.ts';
import {
  compileSchema,
  IntrospectionError,
  introspect,
  parseSchemaInfo,
  schemaOfIntrospection,
} from '../qapi/index.ts';
import { LocalError, messageOf } from '../util/local-error.ts';

/** A saved answer that is larger is refused; QEMU's has 240 KB. */
const savedAnswerBytesMax = 64 * 1024 * 1024;

/** `readFile` for the compiler: the system's text without the path, which the compiler tells itself. */
export function readSchemaFile(path: string): Uint8Array | Error {
  try {
    return readFileSync(path);
  } catch (thrown) {
    return new Error(messageOf(thrown).replace(/^(\w+: [^,]*),.*$/, '$1'));
  }
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
  const content = readFileSync(from);
  if (content.length <= savedAnswerBytesMax) return content.toString('utf8');
  const limit = savedAnswerBytesMax / 1024 / 1024;
  throw new LocalError('ERR_QMPD_SCHEMA', `${from}: larger than ${limit} MiB`);
}

/** The introspection of a program (its QMP address or socket), a saved answer, or a schema file. */
export async function introspectionFrom(from: string): Promise<SchemaInfo[]> {
  if (isAddress(from)) return parseFrom(from, await askProgram(from));
  const text = readText(from);
  if (looksLikeSavedAnswer(text)) return parseSaved(from, text);
  return introspect(compileSchema(from, readSchemaFile));
}

/** The same as a schema; the types of anything but a schema file have numbers for names. */
export async function schemaFrom(from: string): Promise<Schema> {
  if (!isAddress(from) && !looksLikeSavedAnswer(readText(from))) return compileSchema(from, readSchemaFile);
  return schemaOfIntrospection(await introspectionFrom(from));
}
