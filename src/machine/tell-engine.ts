// Commands that qmpd itself gives to a machine with a monitor of its own, on nobody's behalf.

import { parseJson } from '../json/parse.ts';
import { printCompact } from '../json/print.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import { QmpError } from '../qmp/error.ts';
import type { ForwardingMachine } from './engine.ts';

/** The name under which commands of qmpd itself go to QEMU. */
const ownSession = 'qmpd';

/** Has the machine's own monitor carry out a command of qmpd's; rejects with a QmpError in the engine's words. */
export async function tellEngine(
  machine: ForwardingMachine,
  command: string,
  args?: JsonObject,
): Promise<JsonValue> {
  // Throws for a number where a descriptor's name is meant; names of a session are not known here.
  machine.descriptorNames(command, args);
  const reply = await machine.forward({
    session: ownSession,
    command,
    outOfBand: false,
    argumentsText: args === undefined ? undefined : printCompact(args),
    arguments: args,
    fds: new Map(),
  });
  const value = parseJson(reply.text) ?? null;
  if (reply.kind === 'return') return value;
  throw new QmpError(descriptionOf(value));
}

function descriptionOf(error: JsonValue): string {
  return typeof error === 'object' && error !== null && 'desc' in error
    ? String(error.desc)
    : 'unknown error';
}
