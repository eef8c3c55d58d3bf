// The bridges of one machine: where QEMU dials for each chardev that it has from this process. Some are there from the
// beginning, others come and go while the machine runs.

import { setTimeout } from 'node:timers/promises';
import { type JsonObject, type JsonValue, jsonObject } from '../../../json/value.ts';
import type { Chardev } from '../../../machine/chardev.ts';
import type { Declaration } from '../../../machine/engine.ts';
import type { BridgedChardevs } from '../../../machine/instance.ts';
import { QmpError } from '../../../qmp/error.ts';
import { messageOf } from '../../../util/local-error.ts';
import { doubleCommas } from '../options/words.ts';
import { ChardevBridge } from './chardev-bridge.ts';

/** How QEMU is told to dial again, and how soon: seconds before 9.2, milliseconds since. */
export type Redial = readonly [member: 'reconnect' | 'reconnect-ms', interval: number];

/** By number of their sockets; null where a number is free. */
export type BridgedIds = readonly (string | null)[];

/** Bridges of one machine at once. */
const bridgesMax = 4096;

/** What QEMU says of a name that a removed socket still holds, and how often and how long it is asked again. */
const nameIsHeld = 'duplicate yank instance';
const nameRetryMs = 20;
const nameAttemptsMax = 50;

/** QEMU dials at once, in the background; the answer does not wait longer for that. */
const dialLimitMs = 1000;

export interface BridgesHost {
  chardev(id: string): Promise<Chardev>;
  /** Has QEMU carry out a command; rejects with its error as a QmpError. */
  tell(command: string, args: JsonObject): Promise<JsonValue>;
  /** What a later qmpd must know of bridges has changed; without a declaration the chardev is not ours any more. */
  changed(id: string, declaration: Declaration | undefined): void;
  log(message: string): void;
}

/** QEMU's arguments for those that it finds when it starts. */
export function bridgeArguments(ids: BridgedIds, directory: string, redial: Redial | undefined): string[] {
  const again = redial === undefined ? 'server=off' : redial.join('=');
  return ids.flatMap((id, index) =>
    id === null
      ? []
      : [
          '-chardev',
          `socket,id=${doubleCommas(id)},path=${doubleCommas(socketPath(directory, index))},${again}`,
        ],
  );
}

interface Place {
  readonly id: string;
  /** Undefined while it is being opened. */
  bridge: ChardevBridge | undefined;
}

export class Bridges implements BridgedChardevs {
  readonly #directory: string;
  readonly #redial: Redial | undefined;
  readonly #host: BridgesHost;
  readonly #places: (Place | undefined)[] = [];
  #closed = false;

  constructor(directory: string, redial: Redial | undefined, host: BridgesHost) {
    this.#directory = directory;
    this.#redial = redial;
    this.#host = host;
  }

  get ids(): BridgedIds {
    return this.#places.map((place) => place?.id ?? null);
  }

  has(id: string): boolean {
    return this.#places.some((place) => place?.id === id);
  }

  /** Before QEMU starts. Rejects with a QmpError that names the chardev that cannot be opened; `close` ends the others. */
  async open(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.#open({ id, bridge: undefined }, this.#places.length);
  }

  /** For a QEMU that has dialled before: what cannot be opened now is logged, and its line stays silent. */
  reopen(ids: BridgedIds): void {
    for (const [index, id] of ids.entries()) {
      if (id === null) this.#places[index] = undefined;
      else this.#reopen({ id, bridge: undefined }, index);
    }
  }

  #reopen(place: Place, index: number): void {
    this.#places[index] = place;
    this.#bridgeFor(place.id, index).then(
      (bridge) => {
        if (this.#closed) void bridge.close();
        else place.bridge = bridge;
      },
      (thrown: unknown) => this.#host.log(`chardev '${place.id}' has no other end: ${messageOf(thrown)}`),
    );
  }

  async bridge(declaration: Declaration, command: 'chardev-add' | 'chardev-change'): Promise<void> {
    const { id } = declaration;
    const free = this.#places.indexOf(undefined);
    const index = free < 0 ? this.#places.length : free;
    if (index >= bridgesMax) throw new QmpError(`The machine has ${bridgesMax} chardevs of qmpd's already`);
    const place: Place = { id, bridge: undefined };
    try {
      await this.#open(place, index);
      await this.#tellPatiently(command, jsonObject({ id, backend: this.#backend(index) }));
      await Promise.race([place.bridge?.dialled, setTimeout(dialLimitMs, undefined, { ref: false })]);
    } catch (thrown) {
      await this.#drop(place);
      throw thrown;
    }
    this.#host.changed(id, declaration);
  }

  async unbridge(id: string, backend?: JsonObject): Promise<JsonValue> {
    const answer =
      backend === undefined
        ? await this.#host.tell('chardev-remove', jsonObject({ id }))
        : await this.#host.tell('chardev-change', jsonObject({ id, backend }));
    await this.#drop(this.#places.find((place) => place?.id === id));
    this.#host.changed(id, undefined);
    return answer;
  }

  /** QEMU lets go of the name of a removed socket only when its dialling, in the background, is over. */
  async #tellPatiently(command: string, args: JsonObject): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#host.tell(command, args);
        return;
      } catch (thrown) {
        if (attempt === nameAttemptsMax || !messageOf(thrown).includes(nameIsHeld)) throw thrown;
        await setTimeout(nameRetryMs);
      }
    }
  }

  async #open(place: Place, index: number): Promise<void> {
    this.#places[index] = place;
    place.bridge = await this.#bridgeFor(place.id, index);
  }

  async #bridgeFor(id: string, index: number): Promise<ChardevBridge> {
    const chardev = await this.#host.chardev(id);
    return await ChardevBridge.open(chardev, socketPath(this.#directory, index), () => this.#sendBreak(id));
  }

  /** QEMU's socket backend has no form for a break; its frontend gets it by QMP. */
  #sendBreak(id: string): void {
    this.#host.tell('chardev-send-break', jsonObject({ id })).catch((thrown: unknown) => {
      this.#host.log(`a break of chardev '${id}' was lost: ${messageOf(thrown)}`);
    });
  }

  #backend(index: number): JsonObject {
    const addr = jsonObject({ type: 'unix', data: jsonObject({ path: socketPath(this.#directory, index) }) });
    const again = this.#redial === undefined ? {} : { [this.#redial[0]]: this.#redial[1] };
    return jsonObject({ type: 'socket', data: jsonObject({ addr, server: false, ...again }) });
  }

  async #drop(place: Place | undefined): Promise<void> {
    if (place === undefined) return;
    const index = this.#places.indexOf(place);
    await place.bridge?.close();
    if (index >= 0) this.#places[index] = undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#places.splice(0).map((place) => place?.bridge?.close()));
  }
}

function socketPath(directory: string, index: number): string {
  return `${directory}/c${index}`;
}
