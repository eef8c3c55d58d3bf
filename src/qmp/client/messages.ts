// What a QMP server sends, told apart: greeting, answer to a command, event (QEMU: docs/interop/qmp-spec.rst). This is
// only about shape; which answer belongs to which command is the business of client-core.ts.

import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { type Greeting, greetingOf } from '../greeting.ts';

/** An event as it came. `data` is empty when the server sent none. */
export interface EventMessage {
  readonly event: string;
  readonly data: JsonObject;
  /** The server's clock; both -1 when it could not read it. */
  readonly timestamp: { readonly seconds: number; readonly microseconds: number };
}

export type ServerMessage =
  | { readonly kind: 'greeting'; readonly greeting: Greeting }
  | { readonly kind: 'event'; readonly event: EventMessage }
  | { readonly kind: 'return'; readonly id: JsonValue | undefined; readonly value: JsonValue }
  | {
      readonly kind: 'error';
      readonly id: JsonValue | undefined;
      readonly class: string;
      readonly desc: string;
    };

/** Undefined when the value is nothing that a QMP server may send. */
export function classifyMessage(value: JsonValue): ServerMessage | undefined {
  if (!isJsonObject(value)) return undefined;
  if (value.return !== undefined) return { kind: 'return', id: value.id, value: value.return };
  if (value.error !== undefined) return errorMessage(value);
  if (value.event !== undefined) return eventMessage(value);
  if (value.QMP !== undefined) {
    const greeting = greetingOf(value.QMP);
    return greeting === undefined ? undefined : { kind: 'greeting', greeting };
  }
  return undefined;
}

function errorMessage(message: JsonObject): ServerMessage | undefined {
  const error = message.error;
  if (!isJsonObject(error)) return undefined;
  const { class: errorClass, desc } = error;
  if (typeof errorClass !== 'string' || typeof desc !== 'string') return undefined;
  return { kind: 'error', id: message.id, class: errorClass, desc };
}

function eventMessage(message: JsonObject): ServerMessage | undefined {
  const { event, data, timestamp } = message;
  if (typeof event !== 'string') return undefined;
  const stamp = isJsonObject(timestamp) ? timestamp : {};
  return {
    kind: 'event',
    event: {
      event,
      data: isJsonObject(data) ? data : jsonObject(),
      timestamp: {
        seconds: integer(stamp.seconds, -1),
        microseconds: integer(stamp.microseconds, -1),
      },
    },
  };
}

function integer(value: JsonValue | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
