// Where the news of a monitor go while there is no machine object yet, and afterwards: first kept or passed to the
// host, then to the machine.

import type { InstanceHost } from '../../machine/instance.ts';
import type { MachineEvent } from '../../qmp/events/event.ts';
import type { MonitorHandler } from './upstream.ts';

export interface RelayTarget {
  event(event: MachineEvent): void;
  disconnected(reason: string, giveUp: () => void): void;
}

/** Between finding a machine again and taking it over; more events than that are a guest's noise. */
const keptEventsMax = 1_000;

export class Relay implements MonitorHandler {
  readonly #log: (message: string) => void;
  readonly #generation: (next: number) => void;
  #host: InstanceHost | undefined;
  #target: RelayTarget | undefined;
  #kept: MachineEvent[] = [];

  /** Without a host, events are kept for the target. `generation` is told of each broken connection. */
  constructor(
    host: InstanceHost | undefined,
    log: (message: string) => void,
    generation: (next: number) => void,
  ) {
    this.#host = host;
    this.#log = log;
    this.#generation = generation;
  }

  attach(target: RelayTarget): void {
    this.#target = target;
    for (const event of this.#kept.splice(0)) target.event(event);
  }

  event(event: MachineEvent): void {
    if (this.#target !== undefined) this.#target.event(event);
    else if (this.#host !== undefined) this.#host.event(event);
    else if (this.#kept.length < keptEventsMax) this.#kept.push(event);
  }

  disconnected(reason: string, giveUp: () => void): void {
    if (this.#target === undefined) giveUp();
    else this.#target.disconnected(reason, giveUp);
  }

  generation(next: number): void {
    this.#generation(next);
  }

  log(message: string): void {
    this.#log(`qemu: ${message}`);
  }
}
