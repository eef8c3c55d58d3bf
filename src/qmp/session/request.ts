// From a parsed message to a request: the checks of QEMU's qapi/qmp-dispatch.c (qmp_dispatch_check_obj), in its order
// and with its texts. Members are looked at in QDict hash order, which decides which of several faults is named.

import { memberOrder } from '../../json/member-order.ts';
import type { ParsedMessage } from '../../json/message-parser.ts';
import type { MessageSource } from '../../json/source.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { QmpError } from '../error.ts';

export interface Request {
  readonly command: string;
  readonly arguments: JsonObject | undefined;
  /** Absent and null are different ids. */
  readonly id: JsonValue | undefined;
  readonly outOfBand: boolean;
  /** The place of its message in the session's input stream, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** The message's own bytes, for forwarding. A request that has to wait calls it before the parser moves on. */
  readonly source: () => MessageSource;
}

/** What a message turned out to be: a request, or a fault to be answered with the id that it carried. */
export type Incoming =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'fault'; readonly error: QmpError; readonly id: JsonValue | undefined };

/** A message goes out of band when it has 'exec-oob' and no 'execute', enabled or not (QEMU: qmp_is_oob). */
export function isOutOfBand(value: JsonValue): boolean {
  return isJsonObject(value) && value['exec-oob'] !== undefined && value.execute === undefined;
}

export function checkRequest(message: ParsedMessage, oobEnabled: boolean): Incoming {
  const { value } = message;
  if (!isJsonObject(value)) {
    return { kind: 'fault', error: new QmpError('QMP input must be a JSON object'), id: undefined };
  }
  try {
    return { kind: 'request', request: checkMembers(value, message, oobEnabled) };
  } catch (thrown) {
    if (thrown instanceof QmpError) return { kind: 'fault', error: thrown, id: value.id };
    throw thrown;
  }
}

function checkMembers(value: JsonObject, message: ParsedMessage, oobEnabled: boolean): Request {
  let executed: string | undefined;
  let command = '';
  let args: JsonObject | undefined;
  for (const key of memberOrder(value)) {
    const member = value[key];
    if (key === 'execute' || (key === 'exec-oob' && oobEnabled)) {
      if (typeof member !== 'string') throw new QmpError(`QMP input member '${key}' must be a string`);
      if (executed !== undefined) throw new QmpError(`QMP input member '${key}' clashes with '${executed}'`);
      executed = key;
      command = member;
    } else if (key === 'arguments') {
      if (!isJsonObject(member)) throw new QmpError("QMP input member 'arguments' must be an object");
      args = member;
    } else if (key !== 'id') {
      throw new QmpError(`QMP input member '${key}' is unexpected`);
    }
  }
  if (executed === undefined) throw new QmpError("QMP input lacks member 'execute'");
  const { start, end } = message;
  let bytes: MessageSource | undefined;
  const source = (): MessageSource => {
    bytes ??= message.source();
    return bytes;
  };
  return { command, arguments: args, id: value.id, outOfBand: executed === 'exec-oob', start, end, source };
}
