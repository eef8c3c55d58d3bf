// How what is known of a command that only QEMU has is written down. Own commands have theirs beside their handlers.

import type { CommandTraits } from '../../qmp/traits.ts';

export type QemuCommand = readonly [name: string, traits: CommandTraits];

export function qemuCommand(name: string, traits: CommandTraits): QemuCommand {
  return [name, traits];
}
