// What clients add to a QEMU that runs, and take out of it, is declared as well, so that the next machine is like this
// one and `query-machine-config` tells of it. QEMU has carried the command out by then. What names a descriptor is left
// out: it is consumed, and no later machine could have it.

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { messageOf } from '../../util/local-error.ts';
import type { ChardevSet } from '../chardev.ts';
import type { Declaration, Engine } from '../engine.ts';
import type { ReadCommand } from '../instance.ts';
import type { Configuration } from './configuration.ts';

export interface DeclarationParts {
  readonly configuration: Configuration;
  readonly chardevs: ChardevSet;
  engine(): Engine;
  log(message: string): void;
}

type Kind = Declaration['kind'];

/**
 * Whether the command changes, at once, what the next machine is made of. What names descriptors is left out: `uses` and
 * `fdsets` are what its arguments name.
 */
export function changesDeclarations(
  { traits, uses }: Pick<ReadCommand, 'traits' | 'uses'>,
  fdsets: readonly string[],
): boolean {
  const effect = traits.declares?.effect;
  if (effect === undefined || effect === 'ask-removal') return false;
  return effect === 'remove' || (uses.length === 0 && fdsets.length === 0);
}

/** QEMU has carried out a command that changes declarations. */
export async function redeclare(
  parts: DeclarationParts,
  { traits: { declares }, arguments: args }: Pick<ReadCommand, 'traits' | 'arguments'>,
): Promise<void> {
  if (declares === undefined || !isJsonObject(args)) return;
  const id = args[declares.id];
  if (declares.effect === 'remove') await withdraw(parts, declares.kind, id);
  else await declare(parts, declares.kind, id, args);
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
    await engine().acceptsDeclaration?.(declaration);
  } catch (thrown) {
    const { kind, id } = declaration;
    if (configuration.declared(kind, id) === declaration) configuration.withdraw(kind, id);
    log(`the next machine is without ${kind} '${id}': ${messageOf(thrown)}`);
  }
}
