// What one line of a QMP server is, told by its shape and not by parsing it: QEMU prints the members of a reply in a
// fixed order ("return" before "id", "id" before "error"; the order of its hash table, qobject/qdict.c), and the ids
// are ours. A line in any other order is parsed.

import { parseJson } from '../../json/parse.ts';
import { print } from '../../json/print.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { ForwardReply } from '../../machine/instance.ts';
import type { MachineEvent } from '../../qmp/events/event.ts';
import { type Greeting, greetingOf } from '../../qmp/greeting.ts';

export type UpstreamLine =
  | { readonly kind: 'reply'; readonly id: number; readonly reply: ForwardReply }
  | { readonly kind: 'reply-without-id'; readonly reply: ForwardReply }
  | { readonly kind: 'event'; readonly event: MachineEvent }
  | { readonly kind: 'greeting'; readonly greeting: Greeting }
  /** Something else: an answer to an input that could not be read, or to somebody else's command. */
  | { readonly kind: 'stray'; readonly line: string };

const returnOpening = '{"return": ';
const errorOpening = /^\{(?:"id": (\d{1,9}), )?"error": /;

/** `withoutIds`: the server is sent in-band commands without an id, and others with numbers. */
export function classifyLine(line: string, withoutIds: boolean): UpstreamLine {
  return quickReturn(line, withoutIds) ?? quickError(line) ?? slowly(line);
}

/**
 * `{"return": VALUE, "id": N}`. The last brace ends the outermost object, so the digits before it are the value of
 * the outermost "id" if that is what precedes them: what is between is the value, whatever it contains. Our numbers
 * come back as they are, so a line that does not end with one has no "id".
 */
function quickReturn(line: string, withoutIds: boolean): UpstreamLine | undefined {
  if (!line.startsWith(returnOpening) || !line.endsWith('}')) return undefined;
  let at = line.length - 2;
  while (isDigit(line.charCodeAt(at))) at -= 1;
  const id = line.slice(at + 1, -1);
  if (id.length === 0 || line.slice(at - 7, at + 1) !== ', "id": ') {
    if (!withoutIds) return undefined;
    return {
      kind: 'reply-without-id',
      reply: { kind: 'return', text: line.slice(returnOpening.length, -1) },
    };
  }
  if (id.length > 9) return undefined;
  const text = line.slice(returnOpening.length, at - 7);
  return { kind: 'reply', id: Number(id), reply: { kind: 'return', text } };
}

function quickError(line: string): UpstreamLine | undefined {
  const match = errorOpening.exec(line);
  if (match === null) return undefined;
  // The value of "error" must be an object that ends with the line, or else a member follows it.
  const text = line.slice(match[0].length, -1);
  if (!/^\{"class": "[A-Za-z]*", "desc": "(?:[^"\\]|\\.)*"\}$/.test(text)) return undefined;
  const reply: ForwardReply = { kind: 'error', text };
  return match[1] === undefined
    ? { kind: 'reply-without-id', reply }
    : { kind: 'reply', id: Number(match[1]), reply };
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function slowly(line: string): UpstreamLine {
  const value = parseJson(line);
  if (!isJsonObject(value)) return { kind: 'stray', line };
  const { event, QMP: body, id } = value;
  if (typeof event === 'string') return eventLine(event, value, line);
  const greeting = body === undefined ? undefined : greetingOf(body);
  if (greeting !== undefined) return { kind: 'greeting', greeting };
  const reply = replyOf(value);
  if (reply === undefined) return { kind: 'stray', line };
  if (id === undefined) return { kind: 'reply-without-id', reply };
  return typeof id === 'number' ? { kind: 'reply', id, reply } : { kind: 'stray', line };
}

function replyOf(value: JsonObject): ForwardReply | undefined {
  if (value.return !== undefined) return { kind: 'return', text: print(value.return) };
  return value.error === undefined ? undefined : { kind: 'error', text: print(value.error) };
}

function eventLine(name: string, value: JsonObject, line: string): UpstreamLine {
  const data = isJsonObject(value.data) ? value.data : undefined;
  return { kind: 'event', event: { name, data, timestampUs: timestampUs(value.timestamp), line } };
}

function timestampUs(stamp: JsonValue | undefined): number | undefined {
  if (!isJsonObject(stamp)) return undefined;
  const { seconds, microseconds } = stamp;
  if (typeof seconds !== 'number' || typeof microseconds !== 'number' || seconds < 0) return undefined;
  return seconds * 1e6 + microseconds;
}
