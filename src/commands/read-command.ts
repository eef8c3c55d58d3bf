// A command with its arguments and what is known of both, for the engine that will carry it out: each place of the
// arguments is looked for here, once.

import type { JsonObject, JsonValue } from '../json/value.ts';
import type { ReadCommand } from '../machine/instance.ts';
import { descriptorUses } from '../qmp/fds/descriptor-uses.ts';
import { humanCommand } from './human-line.ts';
import { traitsOf } from './traits.ts';

/** Throws a QmpError for the number of a descriptor where the name of one is meant. */
export function readCommand(command: string, args: JsonObject | undefined): ReadCommand {
  const traits = traitsOf(command);
  const read = { command, traits, arguments: args, uses: descriptorUses(command, traits, args) };
  const meant = traits.humanLine === undefined ? undefined : meaningOf(args?.[traits.humanLine]);
  return meant === undefined ? read : { ...read, meant };
}

function meaningOf(line: JsonValue | undefined): ReadCommand['meant'] {
  const meant = typeof line === 'string' ? humanCommand(line) : undefined;
  // Here a number would be taken for one of QEMU's own.
  if (meant !== undefined) descriptorUses(meant.command, meant.traits, meant.arguments);
  return meant;
}
