// What is known of every command, own or QEMU's, by name, and what follows from it. Own commands have their traits beside
// their handlers; those that only QEMU has are in traits/.

import type { DeclaringCommand, DeclaringCommands } from '../machine/engine.ts';
import { type CommandTraits, type DeclaredKind, unclassified } from '../qmp/traits.ts';
import { assert } from '../util/assert.ts';
import { commands } from './handlers/index.ts';
import { qemuCommands } from './traits/index.ts';

export const knownCommands: ReadonlyMap<string, CommandTraits> = new Map([
  ...qemuCommands,
  ...[...commands.values()].map(({ name, traits }): [string, CommandTraits] => [name, traits]),
]);

export function traitsOf(command: string): CommandTraits {
  return knownCommands.get(command) ?? unclassified;
}

function declaringCommand(kind: DeclaredKind): DeclaringCommand {
  for (const [name, traits] of knownCommands) {
    const { declares } = traits;
    if (declares?.kind === kind && declares.effect === 'add') return { name, traits };
  }
  assert(false, `a command declares each ${kind}`);
}

export const declaringCommands: DeclaringCommands = {
  chardev: declaringCommand('chardev'),
  object: declaringCommand('object'),
  blockdev: declaringCommand('blockdev'),
  netdev: declaringCommand('netdev'),
  device: declaringCommand('device'),
};
