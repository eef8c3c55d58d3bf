// How the shell shows replies, errors and events: as text for a terminal (or plain), no I/O.

import type { EventMessage } from '../../client/index.ts';
import { print } from '../../json/print.ts';
import { isJsonObject, type JsonValue } from '../../json/value.ts';

/** What fits into this many columns stays on one line. */
const lineWidth = 100;
const indentation = '    ';

/** Wraps text in a terminal's colours, or leaves it as it is. */
export interface Style {
  error(text: string): string;
  event(text: string): string;
  dim(text: string): string;
}

export const plainStyle: Style = { error: (text) => text, event: (text) => text, dim: (text) => text };

export const colourStyle: Style = {
  error: (text) => `\u001b[31m${text}\u001b[39m`,
  event: (text) => `\u001b[36m${text}\u001b[39m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
};

/** JSON for people: short values on one line, long ones opened up. */
export function prettyValue(value: JsonValue, indent = ''): string {
  const flat = print(value);
  const container = Array.isArray(value) || isJsonObject(value);
  if (!container || indent.length + flat.length <= lineWidth) return flat;
  const inner = indent + indentation;
  const entries = Array.isArray(value)
    ? value.map((element) => inner + prettyValue(element, inner))
    : Object.entries(value).map(([key, member]) => `${inner}${print(key)}: ${prettyValue(member, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${entries.join(',\n')}\n${indent}${close}`;
}

/** One line: the time of day (local), the name, the data. */
export function eventLine(event: EventMessage, style: Style): string {
  const data = Object.keys(event.data).length === 0 ? '' : ` ${print(event.data)}`;
  return `${style.dim(timeOfDay(event.timestamp))} ${style.event(event.event)}${data}`;
}

function timeOfDay({ seconds, microseconds }: EventMessage['timestamp']): string {
  if (seconds < 0) return '--:--:--.---';
  const date = new Date(seconds * 1000);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const milliseconds = Math.floor(microseconds / 1000);
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}.${String(milliseconds).padStart(3, '0')}`;
}
