// A command of qmpd's own, given to an instance whose commands are forwarded, on nobody's behalf.

import { parseJson } from '../json/parse.ts';
import { printCompact } from '../json/print.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { QmpError } from '../qmp/error.ts';
import { unclassified } from '../qmp/traits.ts';
import { type ForwardedCommands, ownSession, type ReadCommand } from './instance.ts';

/** Resolves with what the command returns; rejects with a QmpError in the engine's words. */
export async function ask(
  commands: ForwardedCommands,
  command: string,
  args?: JsonObject,
  read: Pick<ReadCommand, 'traits' | 'uses' | 'meant'> = { traits: unclassified, uses: [] },
): Promise<JsonValue> {
  const reply = await commands.forward({
    ...read,
    command,
    arguments: args,
    session: ownSession,
    outOfBand: false,
    argumentsText: args === undefined ? undefined : printCompact(args),
    fds: new Map(),
  });
  const value = parseJson(reply.text) ?? null;
  if (reply.kind === 'return') return value;
  throw new QmpError(isJsonObject(value) ? String(value.desc) : 'unknown error');
}
