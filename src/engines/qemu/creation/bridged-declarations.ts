// Which chardevs of a configuration QEMU does not make itself: it gets a socket in their place, on whose other end a
// bridge of ours is (bridges.ts).

import { isJsonObject, type JsonObject } from '../../../json/value.ts';
import type {
  Declaration,
  DeclaringCommand,
  DeclaringCommands,
  MachineConfiguration,
} from '../../../machine/engine.ts';
import { descriptorUses } from '../../../qmp/fds/descriptor-uses.ts';
import { stringsIn } from './dependency-order.ts';

/** QEMU names a backend `console` too, and only has it on Windows; ours is something else. */
const ownTypes: ReadonlySet<string> = new Set(['console']);

/** Ids of the chardevs that the machine gets from this process; what is open here and not named is somebody else's. */
export function bridgedChardevs(
  configuration: MachineConfiguration,
  { chardev }: DeclaringCommands,
): string[] {
  const { options, declarations } = configuration;
  const named = new Set(stringsIn(options));
  for (const { arguments: args } of declarations) for (const name of stringsIn(args)) named.add(name);
  return declarations
    .filter((declaration) => isOurs(declaration, configuration, chardev))
    .filter(({ id }) => named.has(id) || configuration.openHere?.has(id) !== true)
    .map(({ id }) => id);
}

/** What QEMU itself makes. */
export function withoutOurs(
  configuration: MachineConfiguration,
  { chardev }: DeclaringCommands,
): MachineConfiguration {
  const { options, declarations } = configuration;
  return { options, declarations: declarations.filter((one) => !isOurs(one, configuration, chardev)) };
}

/** Of a type that only we have, open here already, or on a descriptor that only we have. */
function isOurs(
  { kind, id, arguments: args, fds }: Declaration,
  { openHere }: MachineConfiguration,
  { name, traits }: DeclaringCommand,
): boolean {
  if (kind !== 'chardev') return false;
  if (isBridged(args) || openHere?.has(id) === true) return true;
  return fds === undefined && descriptorUses(name, traits, args).length > 0;
}

/** Whether the arguments of chardev-add are of a type that only we have. */
export function isBridged({ backend }: JsonObject): boolean {
  const type = isJsonObject(backend) ? backend.type : undefined;
  return typeof type === 'string' && ownTypes.has(type);
}
