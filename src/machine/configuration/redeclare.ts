// The chardevs of a configuration that was kept by an earlier process, declared again in this one.

import { isJsonObject } from '../../json/value.ts';
import type { ChardevSet } from '../chardev.ts';
import type { MachineConfiguration } from '../engine.ts';

export async function redeclareChardevs(
  chardevs: ChardevSet,
  { declarations }: MachineConfiguration,
): Promise<void> {
  for (const { kind, id, arguments: args } of declarations) {
    if (kind === 'chardev' && isJsonObject(args.backend)) await chardevs.add(id, args.backend, 'blank');
  }
}
