// The *-add commands before there is a machine: they check what can be checked at once and record the rest for the
// creation. What each kind needs is said by the engine that will make it (Engine.acceptsDeclaration).

import { type JsonObject, jsonObject } from '../json/value.ts';
import type { Declaration } from '../machine/engine.ts';
import { isWellFormedId } from '../machine/identifier.ts';
import { QmpError } from '../qmp/error.ts';
import { descriptorUses } from '../qmp/fds/descriptor-uses.ts';
import { fdsetNumbers } from '../qmp/fds/fdsets.ts';
import type { Session } from '../qmp/session/session.ts';
import type { CommandTraits, Declares } from '../qmp/traits.ts';
import { assert } from '../util/assert.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { CommandContext, Server } from './context.ts';

type Kind = Declaration['kind'];

/** QEMU's texts for a name that is taken; `%` stands for it. */
const duplicate: Readonly<Record<Kind, string>> = {
  chardev: "Chardev with id '%' already exists",
  object: "attempt to add duplicate property '%' to object (type 'container')",
  blockdev: "Duplicate nodes with node-name='%'",
  netdev: "Duplicate ID '%' for netdev",
  device: "Duplicate device ID '%'",
};

const missing: Readonly<Record<Kind, QmpErrorText>> = {
  chardev: ["Chardev '%' not found", 'GenericError'],
  object: ["object '%' not found", 'GenericError'],
  blockdev: ["Failed to find node with node-name='%'", 'GenericError'],
  netdev: ["Device '%' not found", 'DeviceNotFound'],
  device: ["Device '%' not found", 'DeviceNotFound'],
};

type QmpErrorText = readonly [string, 'GenericError' | 'DeviceNotFound'];

/** Declarations of all kinds; far more than a machine can have devices. */
const declarationsMax = 65_536;

/** Descriptors that the arguments name leave the session: the declaration keeps them for each creation. */
export async function declare(
  { server, session, request, traits }: CommandContext,
  args: JsonObject,
): Promise<void> {
  const { kind, id: member } = declaredBy(traits);
  refuseTooLate(server);
  if (server.configuration.declarations.length >= declarationsMax) {
    throw new QmpError(`There are ${declarationsMax} declarations already`);
  }
  server.fdsets.refuseForeign(session.id, fdsetNumbers(args));
  // As QEMU does, all arguments are looked at before the name.
  await server.engine().acceptsDeclaration?.({ kind, arguments: args });
  refuseTooLate(server);
  const name = identifierOf(kind, member, args) ?? server.configuration.anonymousName(kind);
  if (server.configuration.declared(kind, name) !== undefined) {
    throw new QmpError(duplicate[kind].replace('%', name));
  }
  const declaration: Declaration = { kind, id: name, arguments: jsonObject(args) };
  const uses = server.engine().takesDescriptors === true ? descriptorUses(request.command, traits, args) : [];
  const fds = takeDescriptors(
    uses.flatMap(({ names }) => names),
    session,
  );
  server.configuration.declare(fds.size === 0 ? declaration : { ...declaration, fds });
}

/** All or none; where a limit stops it half way, those that left their session already are closed. */
function takeDescriptors(names: readonly string[], { fds }: Session): ReadonlyMap<string, OwnedFd> {
  const missing = names.find((name) => !fds.hasName(name));
  if (missing !== undefined) throw new QmpError(`File descriptor named '${missing}' has not been found`);
  const taken = new Map<string, OwnedFd>();
  try {
    for (const name of new Set(names)) taken.set(name, fds.declareName(name));
    return taken;
  } catch (thrown) {
    for (const fd of taken.values()) fd.close();
    throw thrown;
  }
}

export function withdraw({ server, traits }: CommandContext, id: string): void {
  const { kind } = declaredBy(traits);
  refuseTooLate(server);
  if (server.configuration.withdraw(kind, id)) return;
  const [text, errorClass] = missing[kind];
  throw new QmpError(text.replace('%', id), errorClass);
}

/** Whether the machine, or the next one, makes what is declared for it itself, as QEMU does. */
export function makesItsOwn({ engines, machine }: Pick<Server, 'engines' | 'machine'>): boolean {
  return engines.commands(machine.engineKind) === 'forwarded';
}

/** What QEMU is being given is fixed by then, and what it has is not there yet: an answer would be untrue. */
export function refuseTooLate(server: Server): void {
  if (server.machine.phase !== 'creating' || !makesItsOwn(server)) return;
  throw new QmpError('The machine is being created: try again when that is over');
}

function declaredBy({ declares }: CommandTraits): Declares {
  assert(declares !== undefined, 'the command declares something');
  return declares;
}

function identifierOf(kind: Kind, member: string, args: JsonObject): string | undefined {
  const id = args[member];
  if (typeof id === 'string') {
    if (kind === 'blockdev' && !isWellFormedId(id)) throw new QmpError(`Invalid node-name: '${id}'`);
    if (kind !== 'chardev' && !isWellFormedId(id)) throw new QmpError("Parameter 'id' expects an identifier");
    return id;
  }
  if (kind === 'device') return undefined;
  if (kind === 'blockdev') throw new QmpError("'node-name' must be specified for the root node");
  throw new QmpError(`Parameter '${member}' is missing`);
}
