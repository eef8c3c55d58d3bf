// What clients add to a QEMU that runs, and take out of it, is declared as well, so that the next machine is like this
// one and `query-machine-config` tells of it. QEMU has carried the command out by then. What names a descriptor is left
// out: it is consumed, and no later machine could have it.

import type { JsonObject, JsonValue } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Request } from '../../qmp/session/request.ts';
import { messageOf } from '../../util/local-error.ts';
import type { ChardevSet } from '../chardev.ts';
import type { Declaration, Engine, ForwardingMachine } from '../engine.ts';
import type { Configuration } from './configuration.ts';

export interface DeclarationParts {
  readonly configuration: Configuration;
  readonly chardevs: ChardevSet;
  engine(): Engine;
  log(message: string): void;
}

type Kind = Declaration['kind'];

/** By command, the kind of thing and the member that names it. */
const additions: ReadonlyMap<string, readonly [kind: Kind, member: string]> = new Map([
  ['object-add', ['object', 'id']],
  ['blockdev-add', ['blockdev', 'node-name']],
  ['netdev_add', ['netdev', 'id']],
  ['device_add', ['device', 'id']],
  ['chardev-add', ['chardev', 'id']],
  ['chardev-change', ['chardev', 'id']],
]);

/** Devices are gone when QEMU says DEVICE_DELETED (src/machine/life.ts). */
const removals: ReadonlyMap<string, readonly [kind: Kind, member: string]> = new Map([
  ['object-del', ['object', 'id']],
  ['blockdev-del', ['blockdev', 'node-name']],
  ['netdev_del', ['netdev', 'id']],
  ['chardev-remove', ['chardev', 'id']],
]);

/** Whether the command changes what the next machine is made of. To be asked before its descriptors are taken. */
export function changesDeclarations(
  machine: ForwardingMachine,
  { command, arguments: args }: Request,
): boolean {
  if (args === undefined) return false;
  if (removals.has(command)) return true;
  if (!additions.has(command)) return false;
  try {
    return machine.descriptorNames(command, args).length === 0 && machine.fdsetNumbers(args).length === 0;
  } catch (thrown) {
    if (thrown instanceof QmpError) return false;
    throw thrown;
  }
}

/** QEMU has carried out a command that changes declarations. */
export async function redeclare(
  parts: DeclarationParts,
  { command, arguments: args = {} }: Request,
): Promise<void> {
  const removal = removals.get(command);
  if (removal !== undefined) await withdraw(parts, removal[0], args[removal[1]]);
  const addition = additions.get(command);
  if (addition !== undefined) await declare(parts, addition[0], args[addition[1]], args);
}

async function withdraw(
  { configuration, chardevs }: DeclarationParts,
  kind: Kind,
  id: JsonValue | undefined,
): Promise<void> {
  if (typeof id !== 'string') return;
  configuration.withdraw(kind, id);
  if (kind === 'chardev' && chardevs.has(id)) await chardevs.remove(id);
}

async function declare(
  parts: DeclarationParts,
  kind: Kind,
  id: JsonValue | undefined,
  args: JsonObject,
): Promise<void> {
  const { configuration, chardevs } = parts;
  if (typeof id !== 'string' && kind !== 'device') return;
  const name = typeof id === 'string' ? id : configuration.anonymousName(kind);
  await withdraw(parts, kind, name);
  if (kind === 'chardev') await chardevs.add(name, args.backend as JsonObject, 'blank');
  const declaration: Declaration = { kind, id: name, arguments: args };
  configuration.declare(declaration);
  if (kind === 'device') void forgetIfStricter(parts, declaration);
}

/** QEMU's command line is stricter about types than its device_add; nobody has to wait to be told. */
async function forgetIfStricter(
  { configuration, engine, log }: DeclarationParts,
  declaration: Declaration,
): Promise<void> {
  try {
    await engine().checkDeclaration?.(declaration);
  } catch (thrown) {
    const { kind, id } = declaration;
    if (configuration.declared(kind, id) === declaration) configuration.withdraw(kind, id);
    log(`the next machine is without ${kind} '${id}': ${messageOf(thrown)}`);
  }
}
