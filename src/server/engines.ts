// The engines that a server has unless it is started with others: one line each, the preferred one first. This is the only
// place that names them; what is known of an engine its kit says.

import { embeddedKit } from '../engines/embedded/index.ts';
import { qemuKit } from '../engines/qemu/kit.ts';
import type { EngineKind, EngineKit } from '../machine/engine.ts';

/** Each engine of the schema's MachineEngine; without its kit this does not compile. */
const kits: { readonly [Kind in EngineKind]: EngineKit<Kind> } = {
  qemu: qemuKit,
  embedded: embeddedKit,
};

export const standardEngines: readonly EngineKit[] = Object.values(kits);
