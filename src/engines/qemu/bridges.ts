// The bridges of one machine: which chardevs need one, where QEMU dials for each, and their common end.

import { isJsonObject, type JsonObject } from '../../json/value.ts';
import type { Declaration, EngineHost, MachineConfiguration } from '../../machine/engine.ts';
import { doubleCommas } from '../../machine/option-table/words.ts';
import { messageOf } from '../../util/local-error.ts';
import { ChardevBridge } from './chardev-bridge.ts';
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

/** QEMU's arguments for them. */
export function bridgeArguments(
  ids: readonly string[],
  directory: string,
  redial: string | undefined,
): string[] {
  return ids.flatMap((id, index) => [
    '-chardev',
    `socket,id=${doubleCommas(id)},path=${doubleCommas(socketPath(directory, index))},${redial ?? 'server=off'}`,
  ]);
}

export class Bridges {
  readonly ids: readonly string[];
  readonly #bridges: ChardevBridge[] = [];
  #closed = false;

  private constructor(ids: readonly string[]) {
    this.ids = ids;
  }

  /** Rejects with a QmpError that names the chardev that cannot be opened, and then has opened none. */
  static async open(ids: readonly string[], directory: string, host: EngineHost): Promise<Bridges> {
    const bridges = new Bridges(ids);
    try {
      for (const [index, id] of ids.entries()) {
        const chardev = await host.chardev(id);
        bridges.#bridges.push(await ChardevBridge.open(chardev, socketPath(directory, index)));
      }
    } catch (thrown) {
      await bridges.close();
      throw thrown;
    }
    return bridges;
  }

  /** The same for a QEMU that has dialled before: what cannot be opened now is logged, and its line stays silent. */
  static reopen(ids: readonly string[], directory: string, host: EngineHost): Bridges {
    const bridges = new Bridges(ids);
    for (const [index, id] of ids.entries()) {
      host
        .chardev(id)
        .then((chardev) => ChardevBridge.open(chardev, socketPath(directory, index)))
        .then((bridge) => bridges.#keep(bridge))
        .catch((thrown: unknown) => host.log(`chardev '${id}' has no other end: ${messageOf(thrown)}`));
    }
    return bridges;
  }

  #keep(bridge: ChardevBridge): void {
    if (this.#closed) void bridge.close();
    else this.#bridges.push(bridge);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#bridges.splice(0).map((bridge) => bridge.close()));
  }
}

function socketPath(directory: string, index: number): string {
  return `${directory}/c${index}`;
}
