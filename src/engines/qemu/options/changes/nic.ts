// Network cards of a machine that exists: further ones are plugged behind those that it has, and those can be taken out
// again (QEMU: hw/pci, docs/pcie.txt). A PC of 1996 has free slots; a Q35 needs PCI Express ports that were declared.

import { isJsonObject, type JsonObject, type JsonValue } from '../../../../json/value.ts';
import { QmpError } from '../../../../qmp/error.ts';
import type { MachineNic, MachineOptions } from '../../../../schema/index.ts';
import { boardOf } from '../board.ts';
import type { Change, ChangeOutcome, Execute, PossibleChange } from '../option.ts';
import { sameValue } from './same-value.ts';

type Nics = readonly MachineNic[];

const peripherals = '/machine/peripheral';
const portTypes: ReadonlySet<unknown> = new Set(['child<pcie-root-port>', 'child<ioh3420>']);

function cardId(index: number): string {
  return `qmpd-nic-${index}`;
}

function differsWithin({ from = [], to = [] }: Change<Nics>): boolean {
  const common = Math.min(from.length, to.length);
  return !sameValue(from.slice(0, common), to.slice(0, common));
}

async function plan(change: Change<Nics>, ask: Execute): Promise<ChangeOutcome> {
  const { from = [], to = [], running } = change;
  if (differsWithin(change))
    return { result: 'needs-restart', reason: 'a card that is there does not change' };
  if (to.length < from.length) return await planRemoval(from.length, to.length, ask);
  const missing = to.length - from.length;
  const board = boardOf(running);
  if (missing > 0 && board === undefined) {
    return { result: 'needs-restart', reason: 'it is not known where this machine type has room for cards' };
  }
  if (board === 'q35' && (await freePorts(ask)).length < missing) {
    return { result: 'needs-restart', reason: 'there is no free PCI Express port (pcie-root-port)' };
  }
  return { result: 'applied' };
}

async function planRemoval(before: number, after: number, ask: Execute): Promise<ChangeOutcome> {
  const there = new Set((await members(ask, peripherals)).map(({ name }) => name));
  for (let index = after; index < before; index += 1) {
    if (there.has(cardId(index))) continue;
    return { result: 'needs-restart', reason: 'a card of the board cannot be taken out' };
  }
  return {
    result: 'needs-reset',
    reason: 'the guest gives a card back when it likes, at the latest at a reset',
  };
}

async function apply({ from = [], to = [], running }: Change<Nics>, execute: Execute): Promise<void> {
  for (let index = from.length - 1; index >= to.length; index -= 1) {
    await execute('device_del', { id: cardId(index) });
  }
  for (const [index, nic] of to.entries()) {
    if (index >= from.length) await plug(index, nic, running, execute);
  }
}

async function plug(
  index: number,
  nic: MachineNic,
  running: MachineOptions,
  execute: Execute,
): Promise<void> {
  const board = boardOf(running);
  const { model = board === 'q35' ? 'e1000e' : 'e1000', ...rest } = nic;
  const driver = model === 'virtio' ? 'virtio-net-pci' : model;
  const members: JsonObject = { driver, id: cardId(index), ...(rest as JsonObject) };
  if (board === 'q35') {
    const [bus] = await freePorts(execute);
    if (bus === undefined) throw new QmpError('There is no free PCI Express port');
    members.bus = bus;
  }
  await execute('device_add', members);
}

/** Names of the ports that were declared with an id and that nothing is plugged into. */
async function freePorts(ask: Execute): Promise<string[]> {
  const ports = (await members(ask, peripherals)).filter(({ type }) => portTypes.has(type));
  const free: string[] = [];
  for (const { name } of ports) {
    const plugged = (await members(ask, `${peripherals}/${String(name)}/${String(name)}`)).some((one) =>
      String(one.name).startsWith('child['),
    );
    if (!plugged) free.push(String(name));
  }
  return free;
}

async function members(ask: Execute, path: string): Promise<Record<string, JsonValue>[]> {
  const answer = await ask('qom-list', { path });
  return Array.isArray(answer) ? answer.filter(isJsonObject) : [];
}

export const nicChange: PossibleChange<Nics> = {
  kind: 'live',
  commands: ['device_add', 'device_del', 'netdev_add', 'set_link'],
  reason: 'cards of the board are fixed; further ones are plugged in after them while a slot is free',
  plan,
  apply,
};
