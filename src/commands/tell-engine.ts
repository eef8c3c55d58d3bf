// Commands that qmpd itself gives to a machine with a monitor of its own, on nobody's behalf.

import { parseJson } from '../json/parse.ts';
import { printCompact } from '../json/print.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { Machine } from '../machine/life.ts';
import { QmpError } from '../qmp/error.ts';
import { assert } from '../util/assert.ts';
import { forwardingMachine } from './forward.ts';
import { readCommand } from './read-command.ts';

/** The name under which commands of qmpd itself go to QEMU. */
const ownSession = 'qmpd';

/** Has the machine's own monitor carry out a command of qmpd's; rejects with a QmpError in the engine's words. */
export async function tellEngine(machine: Machine, command: string, args?: JsonObject): Promise<JsonValue> {
  const instance = forwardingMachine(machine);
  assert(instance !== undefined, 'the machine has a monitor of its own');
  const reply = await instance.forward({
    // The names of a session's descriptors are not known here.
    ...readCommand(command, args),
    session: ownSession,
    outOfBand: false,
    argumentsText: args === undefined ? undefined : printCompact(args),
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
