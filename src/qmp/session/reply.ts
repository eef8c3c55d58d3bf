// Replies as lines, in QEMU's form: `return` before `id`, `id` before `error` (QDict hash order), CRLF at the end.

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

/** The pretty form has no fast way: what was printed already is read again. */
export function prettyReplyLine(
  outcome: Outcome,
  id: JsonValue | undefined,
  parse: (text: string | Uint8Array) => JsonValue,
): Line {
  const reply = jsonObject();
  if (outcome.kind === 'return') {
    const { value } = outcome;
    reply.return = value instanceof Printed ? parse(value.text) : (value ?? jsonObject());
  } else {
    reply.error = parse(outcome.kind === 'error' ? errorText(outcome.error) : outcome.text);
  }
  if (id !== undefined) reply.id = id;
  return [`${print(reply, { pretty: true })}\r\n`];
}

function returnText(value: CommandResult): string | Uint8Array {
  if (value === undefined) return '{}';
  if (value instanceof Printed) return value.text;
  if (isJsonObject(value) && Object.keys(value).length === 0) return '{}';
  return print(value);
}

export function errorText(error: QmpError): string {
  return print(jsonObject({ class: error.errorClass, desc: error.message }));
}
