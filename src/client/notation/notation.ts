// The way people write a QMP command, in the shell and in scripts: one command, then its arguments.
//
//   query-status
//   chardev-add id=s0 backend.type=ringbuf backend.data.size=1024     dotted keys; digits are list indexes
//   input-send-event events=[{'type': 'key', 'data': {...}}]          JSON in QEMU's dialect, single quotes too
//   qom-set path=/objects/a property=b value='12'                      quoted: always a string
//   ringbuf-write device=s0 data=@motd.txt                             a file's text as a string
//   getfd fdname=disk <>disk.img                                       passes an open file: < > <> as in sh
//   {"execute": "query-status"}                                        the wire's own form, over several lines too
//   # a comment
//
// This file is the grammar: text to parts, each with its place. What a bare word means (a string or a number) depends
// on the schema and is decided in notation-values.ts. Neither reads files or sends anything.

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { assert } from '../../util/assert.ts';
import { NotationError } from './error.ts';
import { parseJsonText, scanJson } from './json.ts';

/** Characters in one command; a longer one is refused. */
export const notationLengthMax = 1_048_576;

/** What follows a `=`. */
export type WrittenValue =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'json'; readonly value: JsonValue }
  | { readonly kind: 'file'; readonly path: string };

export interface Assignment {
  readonly keys: readonly string[];
  readonly value: WrittenValue;
  readonly column: number;
}

/** A file to open and to pass with the command. */
export interface PassedFile {
  readonly path: string;
  readonly access: 'read' | 'write' | 'read-write';
}

export interface WrittenCommand {
  readonly kind: 'command';
  readonly command: string;
  readonly outOfBand: boolean;
  /** The arguments: as written in JSON, or as assignments still to be put together. */
  readonly arguments: JsonObject | readonly Assignment[] | undefined;
  readonly files: readonly PassedFile[];
}

/** `incomplete`: so many brackets are still open at the end; more lines may follow. */
export type Incomplete = { readonly kind: 'incomplete'; readonly depth: number };

export type Notation = { readonly kind: 'empty' } | Incomplete | WrittenCommand;

/** Throws a NotationError. */
export function parseNotation(text: string): Notation {
  if (text.length > notationLengthMax) {
    throw new NotationError(notationLengthMax, `a command of more than ${notationLengthMax} characters`);
  }
  const start = skipBlanks(text, 0);
  if (start === text.length || text[start] === '#') return { kind: 'empty' };
  if (text[start] === '{') return parseMessage(text, start);
  return parseCall(text, start);
}

function parseMessage(text: string, start: number): Notation {
  const extent = scanJson(text, start);
  if (extent.kind === 'open') return { kind: 'incomplete', depth: extent.depth };
  const { end } = extent;
  const rest = skipBlanks(text, end);
  if (rest < text.length && text[rest] !== '#')
    throw new NotationError(
      rest,
      "text after the JSON object: expected the end of the command or a '#' comment",
    );
  const message = parseJsonText(text, start, end);
  if (!isJsonObject(message)) throw new NotationError(start, 'a command in JSON form must be an object');
  for (const key of Object.keys(message)) {
    if (!['execute', 'exec-oob', 'arguments', 'id'].includes(key)) {
      throw new NotationError(
        start,
        `unknown member '${key}' of a command: expected execute or exec-oob, arguments, id`,
      );
    }
  }
  if (message.execute !== undefined && message['exec-oob'] !== undefined) {
    throw new NotationError(start, "'execute' and 'exec-oob' exclude each other");
  }
  const command = message.execute ?? message['exec-oob'];
  const args = message.arguments;
  if (typeof command !== 'string') throw new NotationError(start, "'execute' with a string is missing");
  if (args !== undefined && !isJsonObject(args))
    throw new NotationError(start, "'arguments' must be an object");
  return { kind: 'command', command, outOfBand: message.execute === undefined, arguments: args, files: [] };
}

function parseCall(text: string, start: number): Notation {
  const commandEnd = wordEnd(text, start);
  const command = text.slice(start, commandEnd);
  if (/[={}[\]'",]/.test(command))
    throw new NotationError(start, `expected the name of a command, got '${command}'`);
  const assignments: Assignment[] = [];
  const files: PassedFile[] = [];
  let at = skipBlanks(text, commandEnd);
  while (at < text.length && text[at] !== '#') {
    const item = /[<>]/.test(text[at] ?? '') ? parseFile(text, at) : parseAssignment(text, at);
    if ('depth' in item) return item;
    if ('assignment' in item) assignments.push(item.assignment);
    else files.push(item.file);
    at = skipBlanks(text, item.end);
  }
  const args = assignments.length === 0 ? undefined : assignments;
  return { kind: 'command', command, outOfBand: false, arguments: args, files };
}

function parseFile(text: string, at: number): { file: PassedFile; end: number } {
  const operator = text.startsWith('<>', at) ? '<>' : (text[at] ?? '');
  const pathStart = skipBlanks(text, at + operator.length);
  const { value, end } = word(text, pathStart);
  if (value === '') throw new NotationError(pathStart, `expected a file name after '${operator}'`);
  const access = operator === '<' ? 'read' : operator === '>' ? 'write' : 'read-write';
  return { file: { path: value, access }, end };
}

function parseAssignment(text: string, at: number): { assignment: Assignment; end: number } | Incomplete {
  const equals = text.indexOf('=', at);
  const blank = wordEnd(text, at);
  if (equals < 0 || equals > blank) {
    throw new NotationError(at, `'${text.slice(at, blank)}' should read KEY=VALUE`);
  }
  const keys = text.slice(at, equals).split('.');
  if (keys.includes('')) throw new NotationError(at, `'${text.slice(at, equals)}' has an empty part`);
  const valueAt = equals + 1;
  const first = text[valueAt] ?? '';
  if (first === '{' || first === '[') {
    const extent = scanJson(text, valueAt);
    if (extent.kind === 'open') return { kind: 'incomplete', depth: extent.depth };
    const { end } = extent;
    const value: WrittenValue = { kind: 'json', value: parseJsonText(text, valueAt, end) };
    return { assignment: { keys, value, column: at }, end: endOfItem(text, end) };
  }
  if (first === '@') {
    const path = word(text, valueAt + 1);
    return { assignment: { keys, value: { kind: 'file', path: path.value }, column: at }, end: path.end };
  }
  const { value, end, quoted } = word(text, valueAt);
  const written: WrittenValue = quoted ? { kind: 'json', value } : { kind: 'word', text: value };
  return { assignment: { keys, value: written, column: at }, end };
}

/** A bare or a quoted word. */
function word(text: string, at: number): { value: string; end: number; quoted: boolean } {
  const first = text[at];
  if (first !== "'" && first !== '"') {
    const end = wordEnd(text, at);
    return { value: text.slice(at, end), end, quoted: false };
  }
  const extent = scanJson(text, at);
  assert(extent.kind === 'closed', 'a string that is open at the end is an error');
  const { end } = extent;
  return { value: String(parseJsonText(text, at, end)), end: endOfItem(text, end), quoted: true };
}

function endOfItem(text: string, end: number): number {
  if (wordEnd(text, end) !== end) throw new NotationError(end, 'a blank is missing here');
  return end;
}

function skipBlanks(text: string, at: number): number {
  let index = at;
  while (index < text.length && /\s/.test(text.charAt(index))) index += 1;
  return index;
}

function wordEnd(text: string, at: number): number {
  let index = at;
  while (index < text.length && !/\s/.test(text.charAt(index))) index += 1;
  return index;
}
