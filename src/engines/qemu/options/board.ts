// The two families of PC, which have different places for drives and cards.

import type { MachineOptions } from '../../../schema/index.ts';

export type Board = 'i440fx' | 'q35';

/** Undefined for machine types of other families. */
export function boardOf({ machine }: MachineOptions): Board | undefined {
  const type = machine?.type ?? 'pc';
  if (/^(pc-)?q35/.test(type)) return 'q35';
  if (/^(pc$|pc-i440fx|isapc)/.test(type)) return 'i440fx';
  return undefined;
}
