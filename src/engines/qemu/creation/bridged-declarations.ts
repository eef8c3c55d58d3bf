// Which chardevs of a configuration QEMU does not make itself: it gets a socket in their place, on whose other end a
// bridge of ours is (bridges.ts).

import { isJsonObject, type JsonObject } from '../../../json/value.ts';
import type { Declaration, MachineConfiguration } from '../../../machine/engine.ts';
import { stringsIn } from './dependency-order.ts';
import { declaredDescriptorNames } from './inherited-fds.ts';

/** QEMU names a backend `console` too, and only has it on Windows; ours is something else. */
const ownTypes: ReadonlySet<string> = new Set(['console']);

/** Ids of the chardevs that the machine gets from this process; what is open here and not named is somebody else's. */
export function bridgedChardevs(configuration: MachineConfiguration): string[] {
  const { options, declarations } = configuration;
  const named = new Set(stringsIn(options));
  for (const { arguments: args } of declarations) for (const name of stringsIn(args)) named.add(name);
  return declarations
    .filter((declaration) => isOurs(declaration, configuration))
    .filter(({ id }) => named.has(id) || configuration.openHere?.has(id) !== true)
    .map(({ id }) => id);
}

/** What QEMU itself makes. */
export function withoutOurs(configuration: MachineConfiguration): MachineConfiguration {
  const { options, declarations } = configuration;
  return { options, declarations: declarations.filter((one) => !isOurs(one, configuration)) };
}

/** Of a type that only we have, open here already, or on a descriptor that only we have. */
function isOurs(declaration: Declaration, { openHere }: MachineConfiguration): boolean {
  const { kind, id, arguments: args, fds } = declaration;
  if (kind !== 'chardev') return false;
  return isBridged(args) || openHere?.has(id) === true || (fds === undefined && hasDescriptor(declaration));
}

function hasDescriptor(declaration: Declaration): boolean {
  return declaredDescriptorNames(declaration).length > 0;
}

/** Whether the arguments of chardev-add are of a type that only we have. */
export function isBridged({ backend }: JsonObject): boolean {
  const type = isJsonObject(backend) ? backend.type : undefined;
  return typeof type === 'string' && ownTypes.has(type);
}
