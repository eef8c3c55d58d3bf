// The `hub` backend: one frontend over up to four chardevs at once. Output goes to all that are OPENED, and as fast as
// the slowest of them takes it; input of all is mixed (QEMU: chardev/char-hub.c).

import type { ChardevEvent, ChardevFrontend } from '../../machine/chardev.ts';
import { QmpError } from '../../qmp/error.ts';
import type { ChardevHub } from '../../schema/index.ts';
import { MissingError } from '../../transports/layers/missing.ts';
import type { Backend, BackendContext, BackendHost } from '../backend.ts';
import type { ChardevKind } from '../kind.ts';
import type { OpenChardev } from '../open-chardev.ts';
import { listWord } from '../words.ts';

const chardevsMax = 4;

/** The hub as a frontend of one of its chardevs. */
class Leg implements ChardevFrontend {
  readonly label: string;
  readonly chardev: OpenChardev;
  readonly #hub: HubBackend;
  opened = false;
  /** Bytes that this one has taken of what the frontend offers, and another one has not. */
  ahead = 0;

  constructor(hub: HubBackend, hubId: string, chardev: OpenChardev) {
    this.#hub = hub;
    this.label = `hub ${hubId}`;
    this.chardev = chardev;
  }

  get open(): boolean {
    return this.#hub.host.hasFrontend;
  }

  canReceive(): number {
    return this.#hub.host.wantsInput ? this.#hub.host.canReceive() : 0;
  }

  receive(bytes: Uint8Array): void {
    this.#hub.host.receive(bytes);
  }

  event(event: ChardevEvent): void {
    this.#hub.legEvent(this, event);
  }

  writable(): void {
    this.#hub.host.writable();
  }
}

class HubBackend implements Backend {
  readonly filename = 'hub';
  readonly host: BackendHost;
  readonly #legs: Leg[] = [];

  constructor(host: BackendHost) {
    this.host = host;
  }

  add(chardev: OpenChardev): void {
    if (this.#legs.length === chardevsMax) {
      throw new QmpError(`hub: too many uses of chardevs '${this.host.id}' (maximum is ${chardevsMax})`);
    }
    if (chardev.kind === 'hub' || chardev.kind === 'mux') {
      const hint = "chardev should not be a hub device or have 'mux=on' enabled";
      throw new QmpError(
        `hub: multiplexers and hub devices can't be stacked, check chardev '${chardev.id}', ${hint}`,
      );
    }
    const leg = new Leg(this, this.host.id, chardev);
    chardev.attach(leg);
    this.#legs.push(leg);
  }

  legEvent(leg: Leg, event: ChardevEvent): void {
    if (event === 'OPENED' || event === 'CLOSED') {
      const before = this.#legs.some((other) => other !== leg && other.opened);
      leg.opened = event === 'OPENED';
      leg.ahead = 0;
      if (!before) this.host.event(event);
      if (event === 'CLOSED') this.host.writable();
    } else {
      this.host.event(event);
    }
  }

  write(bytes: Uint8Array): number {
    let taken = bytes.length;
    for (const leg of this.#legs) {
      if (!leg.opened) continue;
      if (leg.ahead < bytes.length) leg.ahead += leg.chardev.write(bytes.subarray(leg.ahead));
      taken = Math.min(taken, leg.ahead);
    }
    for (const leg of this.#legs) leg.ahead = Math.max(0, leg.ahead - taken);
    return taken;
  }

  resumeInput(): void {
    for (const leg of this.#legs) leg.chardev.resumeInput();
  }

  async close(): Promise<void> {
    for (const leg of this.#legs) leg.chardev.detach(leg);
  }
}

async function openHub(host: BackendHost, options: ChardevHub, context: BackendContext): Promise<Backend> {
  if (options.chardevs.length === 0) throw new QmpError("hub: 'chardevs' list is not defined");
  const hub = new HubBackend(host);
  try {
    for (const id of options.chardevs) {
      const chardev = await context.base(id);
      if (!chardev) throw new MissingError(`hub: chardev can't be found by id '${id}'`);
      hub.add(chardev);
    }
    return hub;
  } catch (error) {
    await hub.close();
    throw error;
  }
}

const legWords = listWord('chardevs');

export const hubKind: ChardevKind<'hub'> = {
  type: 'hub',
  livesIn: 'both',
  words: { chardevs: { ...legWords, read: (words) => legWords.read(words) ?? [] } },
  example: 'chardevs.0=b,chardevs.1=c',
  notes: 'four chardevs',
  open: openHub,
};
