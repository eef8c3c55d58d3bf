// Replies as lines, in QEMU's form: `return` before `id`, `id` before `error` (QDict hash order), CRLF at the end.

import { parseJson } from '../../json/parse.ts';
import { print } from '../../json/print.ts';
import { isJsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { type CommandResult, Printed } from '../command.ts';
import type { QmpError } from '../error.ts';

/** What became of a request. `error-text` is an error object that another QMP server has printed. */
export type Outcome =
  | { readonly kind: 'return'; readonly value: CommandResult }
  | { readonly kind: 'error'; readonly error: QmpError }
  | { readonly kind: 'error-text'; readonly text: string | Uint8Array };

export type Line = readonly (string | Uint8Array)[];

const emptyReturn: Line = ['{"return": {}}\r\n'];

export function replyLine(outcome: Outcome, id: JsonValue | undefined): Line {
  if (outcome.kind === 'return') {
    if (outcome.value === undefined && id === undefined) return emptyReturn;
    const end = id === undefined ? '}\r\n' : `, "id": ${print(id)}}\r\n`;
    const text = returnText(outcome.value);
    return typeof text === 'string' ? [`{"return": ${text}${end}`] : ['{"return": ', text, end];
  }
  const start = id === undefined ? '{"error": ' : `{"id": ${print(id)}, "error": `;
  if (outcome.kind === 'error') return [`${start}${errorText(outcome.error)}}\r\n`];
  return [start, outcome.text, '}\r\n'];
}

/**
 * The pretty form has no fast way: what was printed already is read again. What another server printed and cannot be
 * read (QEMU prints infinity as `inf`) is passed on as it is, in one line.
 */
export function prettyReplyLine(outcome: Outcome, id: JsonValue | undefined): Line {
  const value = replyValue(outcome);
  if (value === undefined) return replyLine(outcome, id);
  const reply = jsonObject(outcome.kind === 'return' ? { return: value } : { error: value });
  if (id !== undefined) reply.id = id;
  return [`${print(reply, { pretty: true })}\r\n`];
}

function replyValue(outcome: Outcome): JsonValue | undefined {
  switch (outcome.kind) {
    case 'return':
      return outcome.value instanceof Printed
        ? parseJson(outcome.value.text)
        : (outcome.value ?? jsonObject());
    case 'error':
      return errorValue(outcome.error);
    case 'error-text':
      return parseJson(outcome.text);
  }
}

function returnText(value: CommandResult): string | Uint8Array {
  if (value === undefined) return '{}';
  if (value instanceof Printed) return value.text;
  if (isJsonObject(value) && Object.keys(value).length === 0) return '{}';
  return print(value);
}

function errorText(error: QmpError): string {
  return print(errorValue(error));
}

function errorValue(error: QmpError): JsonValue {
  return jsonObject({ class: error.errorClass, desc: error.message });
}
