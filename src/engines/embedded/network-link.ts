// The network card's end in the main thread, between its backend and the worker. A frame that the guest has no room
// for waits in the worker; while too many wait, frames are dropped here.

import type { NetworkBackendPlan } from './network.ts';
import { type NetworkBackend, openNetworkBackend } from './network-backends.ts';
import { networkWindowFrames, type ToWorker } from './worker/messages.ts';

export class NetworkLink {
  readonly #tell: (message: ToWorker) => void;
  #backend: NetworkBackend | undefined;
  #planText = '';
  #waitingFrames = 0;

  constructor(tell: (message: ToWorker) => void) {
    this.#tell = tell;
  }

  /** Connects the card, or with undefined pulls the cable; the same plan as before disturbs nothing. */
  async connect(plan: NetworkBackendPlan | undefined): Promise<void> {
    const planText = JSON.stringify(plan) ?? '';
    if (planText === this.#planText) return;
    this.close();
    if (plan !== undefined) this.#backend = await openNetworkBackend(plan, (frame) => this.#receive(frame));
    this.#planText = planText;
  }

  /** From the guest. */
  send(frame: Uint8Array): void {
    this.#backend?.send(frame);
  }

  /** The guest, or the worker at a reset, has done with frames. */
  framesTaken(frames: number): void {
    this.#waitingFrames -= frames;
  }

  close(): void {
    this.#backend?.close();
    this.#backend = undefined;
    this.#planText = '';
  }

  #receive(frame: Uint8Array): void {
    if (this.#waitingFrames >= networkWindowFrames) return;
    this.#waitingFrames++;
    this.#tell({ kind: 'network-input', frame: Uint8Array.from(frame) });
  }
}
