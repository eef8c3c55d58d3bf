// The network card between v86's devices and the main thread. As shipped, cards have random addresses, the virtio
// card drops (and prints a line for) every frame that the guest has no buffer for, and so does the NE2000 silently:
// here frames wait for a short while.
//
// Touches: devices.virtio_net.mac, .virtio.queues[0].has_request; devices.net.mac, .memory, .boundary, .curpg, .pstop,
// .pstart, .cr; bus events net0-send and net0-receive.

import type { NetworkCardPlan } from '../messages.ts';
import type { Emulator, Ne2000, VirtioNet } from '../v86.ts';

const retryMs = 2;
/** How often a frame is offered before it is dropped: a guest that has no driver yet takes none. */
const attemptsMax = 100;
/** Bits of the NE2000's page count: 256 bytes each. */
const pageBits = 8;
const trailerBytes = 4;
const frameBytesMin = 60;
const stopped = 0x01;

export interface NetworkCardHooks {
  /** False while the guest stands still. */
  isRunning(): boolean;
  output(frame: Uint8Array): void;
  /** This many frames of the input are done with. */
  taken(frames: number): void;
}

export class NetworkCard {
  readonly #emulator: Emulator;
  readonly #hooks: NetworkCardHooks;
  readonly #waiting: Uint8Array[] = [];
  #attempts = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(emulator: Emulator, plan: NetworkCardPlan, hooks: NetworkCardHooks) {
    this.#emulator = emulator;
    this.#hooks = hooks;
    const { net, virtio_net: virtio } = emulator.v86.cpu.devices;
    if (virtio !== undefined) virtio.mac = Uint8Array.from(plan.mac);
    if (net !== undefined) setNe2000Address(net, plan.mac);
    emulator.add_listener('net0-send', (frame) => {
      if (frame instanceof Uint8Array) hooks.output(frame.slice());
    });
  }

  receive(frame: Uint8Array): void {
    this.#waiting.push(frame);
    if (this.#retry === undefined) this.#deliver();
  }

  /** Frames that nobody will fetch any more. */
  drop(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.#waiting.length > 0) this.#hooks.taken(this.#waiting.length);
    this.#waiting.length = 0;
  }

  #deliver(): void {
    this.#retry = undefined;
    let done = 0;
    for (;;) {
      const [frame] = this.#waiting;
      if (frame === undefined) break;
      if (this.#hasRoom(frame.length)) this.#emulator.bus.send('net0-receive', frame);
      else if (++this.#attempts < attemptsMax) break;
      this.#waiting.shift();
      this.#attempts = 0;
      done++;
    }
    if (done > 0) this.#hooks.taken(done);
    if (this.#waiting.length > 0) this.#retry = setTimeout(() => this.#deliver(), retryMs);
  }

  #hasRoom(bytes: number): boolean {
    if (!this.#hooks.isRunning()) return false;
    const { net, virtio_net: virtio } = this.#emulator.v86.cpu.devices;
    if (virtio !== undefined) return hasVirtioBuffer(virtio);
    return net !== undefined && hasNe2000Pages(net, bytes);
  }
}

/** The address is also in the card's memory, where drivers read it, each byte twice. */
function setNe2000Address(card: Ne2000, mac: readonly number[]): void {
  for (const [index, byte] of mac.entries()) {
    card.mac[index] = byte;
    card.memory[index * 2] = byte;
    card.memory[index * 2 + 1] = byte;
  }
}

function hasVirtioBuffer(card: VirtioNet): boolean {
  const [queue] = card.virtio.queues;
  return queue !== undefined && queue.avail_addr !== 0 && queue.has_request();
}

/** The pages between where the card writes and where the driver has read to. */
function hasNe2000Pages(card: Ne2000, bytes: number): boolean {
  if ((card.cr & stopped) !== 0) return false;
  const needed = 1 + ((Math.max(frameBytesMin, bytes) + trailerBytes) >> pageBits);
  const available =
    card.boundary > card.curpg
      ? card.boundary - card.curpg
      : card.pstop - card.curpg + card.boundary - card.pstart;
  return available >= needed;
}
