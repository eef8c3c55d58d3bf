// Chardevs of this process beside a running QEMU, which has its own. Some are for qmpd alone (a monitor's); others QEMU
// uses: backends that only qmpd has (`console`) can be added to it, put in place of its own, and taken out again. QEMU's
// part of that is the engine's affair (MachineChardevs).

import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../json/value.ts';
import type { DescriptorSource } from '../machine/chardev.ts';
import type { ForwardingMachine, MachineChardevs } from '../machine/engine.ts';
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
export function isLent({ machine }: Pick<Server, 'machine'>, id: JsonValue | undefined): boolean {
  return typeof id === 'string' && forwarding({ machine })?.chardevs?.has(id) === true;
}

/** Whether the chardev is open in this process, and the running machine has nothing to do with it. */
export function isOnlyHere(
  { machine, chardevs }: Pick<Server, 'machine' | 'chardevs'>,
  id: JsonValue | undefined,
): boolean {
  return typeof id === 'string' && chardevs.isOpen(id) && !isLent({ machine }, id);
}

/** Those of the list (of query-chardev) that are. */
export function onlyHere(server: Pick<Server, 'machine' | 'chardevs'>): JsonObject[] {
  return server.chardevs.list().filter(({ label }) => isOnlyHere(server, label));
}

/** The machine that runs, if its chardevs are its own. */
export function forwarding({ machine }: Pick<Server, 'machine'>): ForwardingMachine | undefined {
  const { state } = machine;
  return state.phase === 'created' && state.machine.kind === 'forwarding' ? state.machine : undefined;
}

function lender(machine: ForwardingMachine, id: string): MachineChardevs {
  if (machine.chardevs !== undefined) return machine.chardevs;
  throw new QmpError(
    `Failed to add chardev '${id}': only a machine that qmpd made can have a backend of qmpd's own`,
  );
}

/** chardev-add with a backend of ours. Rejects with a QmpError, and then there is no such chardev. */
export async function lendNew(
  { chardevs, configuration }: Place,
  machine: ForwardingMachine,
  id: string,
  backend: JsonObject,
  fds: DescriptorSource,
): Promise<void> {
  const lent = lender(machine, id);
  await chardevs.add(id, backend, 'blank', fds);
  const declaration = { kind: 'chardev', id, arguments: jsonObject({ id, backend }) } as const;
  try {
    await lent.lend(declaration, 'chardev-add');
  } catch (thrown) {
    await chardevs.remove(id);
    throw thrown;
  }
  configuration.declare(declaration);
}

/** chardev-remove of what the machine has from us: it decides whether it is in use. */
export async function takeBack(
  { chardevs, configuration }: Place,
  lent: MachineChardevs,
  id: string,
): Promise<void> {
  await lent.takeBack(id);
  await chardevs.remove(id);
  configuration.withdraw('chardev', id);
}

/** chardev-change where the old backend, the new one, or both are ours. Resolves to a ChardevReturn. */
export async function changeLent(
  place: Place,
  machine: ForwardingMachine,
  id: string,
  backend: JsonObject,
  fds: DescriptorSource,
): Promise<JsonValue> {
  const { chardevs, configuration } = place;
  const lent = lender(machine, id);
  const args = jsonObject({ id, backend });
  const isOwn = isOwnBackend(args);
  if (lent.has(id) && !isOwn) {
    const answer = await lent.takeBack(id, backend);
    await chardevs.remove(id);
    configuration.withdraw('chardev', id);
    return answer;
  }
  const declaration = { kind: 'chardev', id, arguments: args } as const;
  if (lent.has(id)) await chardevs.change(id, backend, fds);
  else await putInPlace(place, () => lent.lend(declaration, 'chardev-change'), id, backend, fds);
  configuration.withdraw('chardev', id);
  configuration.declare(declaration);
  return jsonObject();
}

/** What was declared here of that id, if anything, is only a record: QEMU made it. */
async function putInPlace(
  { chardevs, configuration }: Place,
  lend: () => Promise<void>,
  id: string,
  backend: JsonObject,
  fds: DescriptorSource,
): Promise<void> {
  const former = configuration.declared('chardev', id)?.arguments.backend;
  const known = chardevs.has(id);
  if (known) await chardevs.change(id, backend, fds);
  else await chardevs.add(id, backend, 'blank', fds);
  try {
    await lend();
  } catch (thrown) {
    await chardevs.remove(id);
    if (known && isJsonObject(former)) await chardevs.add(id, former, 'blank');
    throw thrown;
  }
}
