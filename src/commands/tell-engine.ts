// Commands that qmpd itself gives to a machine with a QMP server of its own, on nobody's behalf.

import { parseJson } from '../json/parse.ts';
import { printCompact } from '../json/print.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import { ownSession } from '../machine/instance.ts';
import type { Life } from '../machine/life.ts';
import { QmpError } from '../qmp/error.ts';
import { assert } from '../util/assert.ts';
import { readCommand } from './read-command.ts';

/** Has the machine's own server carry out a command of qmpd's; rejects with a QmpError in its words. */
export async function tellEngine(
  { forwarded }: Life,
  command: string,
  args?: JsonObject,
): Promise<JsonValue> {
  assert(forwarded !== undefined, 'the machine has a QMP server of its own');
  const reply = await forwarded.forward({
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
