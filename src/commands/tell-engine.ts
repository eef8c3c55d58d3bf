// Commands that qmpd sends for itself, not for a client, to a machine with its own QMP server.

import type { JsonObject, JsonValue } from '../json/value.ts';
import { ask } from '../machine/ask.ts';
import type { Life } from '../machine/life.ts';
import { assert } from '../util/assert.ts';
import { readCommand } from './read-command.ts';

/** Has the machine's own server carry out a command of qmpd's; rejects with a QmpError in its words. */
export async function tellEngine(
  { forwarded }: Life,
  command: string,
  args?: JsonObject,
): Promise<JsonValue> {
  assert(forwarded !== undefined, 'the machine has a QMP server of its own');
  return await ask(forwarded, command, args, readCommand(command, args));
}
