// The chardevs and the monitors on them that the server is started with (--chardev, --mon), in whatever order they name
// each other.

import type { ChardevRegistry } from '../chardevs/index.ts';
import { checkArguments } from '../commands/schema.ts';
import { isJsonObject, type JsonObject, jsonObject } from '../json/value.ts';
import type { DescriptorSource } from '../machine/chardev.ts';
import type { Configuration } from '../machine/configuration/configuration.ts';
import type { Objects } from '../machine/objects.ts';
import { ownFd } from '../transports/unix/owned-fd.ts';
import { LocalError, messageOf } from '../util/local-error.ts';

export interface GivenChardev {
  /** How it was given, for messages: "--chardev null,id=c0". */
  readonly option: string;
  /** Arguments of chardev-add; a descriptor is named by its number in this process. */
  readonly arguments: JsonObject;
}

export interface GivenMonitor {
  readonly option: string;
  /** Of the monitor-qmp object. */
  readonly id: string;
  readonly chardev: string;
  readonly pretty: boolean;
}

interface Place {
  readonly chardevs: ChardevRegistry;
  readonly configuration: Configuration;
  readonly objects: Objects;
}

/** Those that this process was born with. */
const bornWith: DescriptorSource = { take: (name) => (/^\d+$/.test(name) ? ownFd(Number(name)) : undefined) };
const noFds: DescriptorSource = { take: () => undefined };

/** Rejects with a LocalError that says which option is wrong. What an earlier process had declared stays as it is. */
export async function declareChardevs(
  { chardevs, configuration }: Place,
  given: readonly GivenChardev[],
): Promise<void> {
  for (const { option, arguments: args } of given) {
    await named(option, async () => {
      const { id, backend } = checkArguments('chardev-add', args);
      if (typeof id !== 'string' || !isJsonObject(backend) || chardevs.has(id)) return;
      await chardevs.add(id, backend, 'blank', bornWith);
      configuration.declare({ kind: 'chardev', id, arguments: jsonObject({ id, backend }) });
    });
  }
}

/** Makes the objects; those whose chardev is not there yet wait for it. Rejects as `declareChardevs`. */
export async function openMonitors({ objects }: Place, given: readonly GivenMonitor[]): Promise<void> {
  for (const { option, id, chardev, pretty } of given) {
    const properties = jsonObject({ chardev, ...(pretty ? { pretty } : {}) });
    await named(option, () => objects.add(id, 'monitor-qmp', properties, noFds));
  }
}

/** Rejects, as `declareChardevs`, for a monitor that still waits. */
export async function refuseWaitingMonitors(
  { chardevs, objects }: Place,
  given: readonly GivenMonitor[],
): Promise<void> {
  for (const { option, id, chardev } of given) {
    if (objects.get(id)?.properties.chardev !== chardev) continue;
    await named(option, async () => {
      if (!chardevs.has(chardev)) throw new Error(`chardev "${chardev}" not found`);
      await chardevs.open(chardev);
    });
  }
}

async function named(option: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (thrown) {
    throw new LocalError('ERR_QMPD_CHARDEV', `${option}: ${messageOf(thrown)}`, { cause: thrown });
  }
}
