// Chardevs of this process beside a running QEMU, which has its own. Some are for qmpd alone (a monitor's); others QEMU
// uses: backends that only qmpd has (`console`) can be added to it, put in place of its own, and taken out again. QEMU's
// part of that is the engine's affair (BridgedChardevs).

import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../json/value.ts';
import type { DescriptorSource } from '../machine/chardev.ts';
import type { BridgedChardevs, Instance } from '../machine/instance.ts';
import { QmpError } from '../qmp/error.ts';
import type { Server } from './context.ts';

type Place = Pick<Server, 'chardevs' | 'configuration' | 'machine'>;

/** The backends that QEMU does not have. */
const ownBackends: ReadonlySet<unknown> = new Set(['console']);

/** Whether chardev-add or chardev-change asks for something that QEMU cannot do by itself. */
export function isOwnBackend(args: JsonObject | undefined): boolean {
  return isJsonObject(args?.backend) && ownBackends.has(args.backend.type);
}

/** Whether the running machine has the chardev from this process. */
export function isBridged({ machine }: Pick<Server, 'machine'>, id: JsonValue | undefined): boolean {
  return typeof id === 'string' && machine.instance?.chardevs?.has(id) === true;
}

/** Whether the chardev is open in this process, and the running machine has nothing to do with it. */
export function isOnlyHere(
  { machine, chardevs }: Pick<Server, 'machine' | 'chardevs'>,
  id: JsonValue | undefined,
): boolean {
  return typeof id === 'string' && chardevs.isOpen(id) && !isBridged({ machine }, id);
}

/** Those of the list (of query-chardev) that are. */
export function onlyHere(server: Pick<Server, 'machine' | 'chardevs'>): JsonObject[] {
  return server.chardevs.list().filter(({ label }) => isOnlyHere(server, label));
}

/** What runs, if its chardevs are its own. */
export function withChardevs({ machine }: Pick<Server, 'machine'>): Instance | undefined {
  return machine.forwarded === undefined ? undefined : machine.instance;
}

function bridgesOf({ chardevs }: Instance, id: string): BridgedChardevs {
  if (chardevs !== undefined) return chardevs;
  throw new QmpError(
    `Failed to add chardev '${id}': only a machine that qmpd made can have a backend of qmpd's own`,
  );
}

/** chardev-add with a backend that qmpd runs. Rejects with a QmpError; then the chardev was not added. */
export async function bridgeNew(
  { chardevs, configuration }: Place,
  instance: Instance,
  id: string,
  backend: JsonObject,
  fds: DescriptorSource,
): Promise<void> {
  const bridged = bridgesOf(instance, id);
  await chardevs.add(id, backend, 'blank', fds);
  const declaration = { kind: 'chardev', id, arguments: jsonObject({ id, backend }) } as const;
  try {
    await bridged.bridge(declaration, 'chardev-add');
  } catch (thrown) {
    await chardevs.remove(id);
    throw thrown;
  }
  configuration.declare(declaration);
}

/** chardev-remove of what the machine has from us: it decides whether it is in use. */
export async function unbridge(
  { chardevs, configuration }: Place,
  bridged: BridgedChardevs,
  id: string,
): Promise<void> {
  await bridged.unbridge(id);
  await chardevs.remove(id);
  configuration.withdraw('chardev', id);
}

/** chardev-change where the old backend, the new one, or both are ours. Resolves to a ChardevReturn. */
export async function changeBridged(
  place: Place,
  instance: Instance,
  id: string,
  backend: JsonObject,
  fds: DescriptorSource,
): Promise<JsonValue> {
  const { chardevs, configuration } = place;
  const bridged = bridgesOf(instance, id);
  const args = jsonObject({ id, backend });
  const isOwn = isOwnBackend(args);
  if (bridged.has(id) && !isOwn) {
    const answer = await bridged.unbridge(id, backend);
    await chardevs.remove(id);
    configuration.withdraw('chardev', id);
    return answer;
  }
  const declaration = { kind: 'chardev', id, arguments: args } as const;
  if (bridged.has(id)) await chardevs.change(id, backend, fds);
  else await putInPlace(place, () => bridged.bridge(declaration, 'chardev-change'), id, backend, fds);
  configuration.withdraw('chardev', id);
  configuration.declare(declaration);
  return jsonObject();
}

/** What was declared here of that id, if anything, is only a record: QEMU made it. */
async function putInPlace(
  { chardevs, configuration }: Place,
  bridge: () => Promise<void>,
  id: string,
  backend: JsonObject,
  fds: DescriptorSource,
): Promise<void> {
  const former = configuration.declared('chardev', id)?.arguments.backend;
  const known = chardevs.has(id);
  if (known) await chardevs.change(id, backend, fds);
  else await chardevs.add(id, backend, 'blank', fds);
  try {
    await bridge();
  } catch (thrown) {
    await chardevs.remove(id);
    if (known && isJsonObject(former)) await chardevs.add(id, former, 'blank');
    throw thrown;
  }
}
