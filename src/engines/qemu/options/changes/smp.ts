// More CPUs for a machine that exists: those that `maxcpus` left room for are plugged (QEMU: hw/core/machine-hmp-cmds.c
// query-hotpluggable-cpus, device_add). A guest has to be asked to give a CPU back, and may refuse.

import { isJsonObject, type JsonObject, type JsonValue } from '../../../../json/value.ts';
import { QmpError } from '../../../../qmp/error.ts';
import type { MachineSmp } from '../../../../schema/index.ts';
import type { Change, ChangeOutcome, Execute, PossibleChange } from '../option.ts';
import { sameValue } from './same-value.ts';

function plan({ from, to }: Change<MachineSmp>): ChangeOutcome {
  const { cpus: before = 1, ...room } = from ?? {};
  const { cpus: after = 1, ...wantedRoom } = to ?? {};
  if (!sameValue(room, wantedRoom)) {
    return { result: 'needs-restart', reason: 'the places for CPUs are fixed when the machine is created' };
  }
  if (after < before) {
    return { result: 'needs-restart', reason: 'a guest need not give CPUs back; device_del can ask it to' };
  }
  if (after > (room.maxcpus ?? before)) {
    return { result: 'needs-restart', reason: "there are no more places for CPUs than 'maxcpus' said" };
  }
  return { result: 'applied' };
}

async function apply({ from, to }: Change<MachineSmp>, execute: Execute): Promise<void> {
  const missing = Number(to?.cpus ?? 1) - Number(from?.cpus ?? 1);
  const places = freePlaces(await execute('query-hotpluggable-cpus')).slice(0, missing);
  if (places.length < missing)
    throw new QmpError(`Only ${places.length} of ${missing} CPUs have a free place`);
  for (const { type, props } of places) await execute('device_add', { driver: type, ...props });
}

interface Place {
  readonly type: string;
  readonly props: JsonObject;
}

/** Places without a CPU, lowest first, which is the other way round than QEMU lists them. */
function freePlaces(answer: JsonValue): Place[] {
  const places = Array.isArray(answer) ? answer : [];
  return places.reverse().flatMap((place): Place[] => {
    if (!isJsonObject(place) || 'qom-path' in place) return [];
    return typeof place.type === 'string' && isJsonObject(place.props)
      ? [{ type: place.type, props: place.props }]
      : [];
  });
}

export const smpChange: PossibleChange<MachineSmp> = {
  kind: 'live',
  commands: ['query-hotpluggable-cpus', 'device_add', 'device_del'],
  reason: "CPUs can be added up to 'maxcpus'; the places for them are fixed when the machine is created",
  plan,
  apply,
};
