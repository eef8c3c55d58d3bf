// Bytes, descriptors and events on their way from a peer to a frontend, in order. Holds what was read but cannot be
// delivered yet; its size is bounded by the backends, which stop reading while it is not empty (one read at most:
// 64 KiB). Not a buffer for output.

import type { ChardevFrontend } from '../../machine/chardev.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';

type Item =
  | { readonly kind: 'bytes'; bytes: Uint8Array; fds: readonly OwnedFd[] }
  | { readonly kind: 'action'; readonly run: () => void };

export class InputQueue {
  #items: Item[] = [];
  #delivering = false;

  get empty(): boolean {
    return this.#items.length === 0;
  }

  pushBytes(bytes: Uint8Array, fds: readonly OwnedFd[]): void {
    this.#items.push({ kind: 'bytes', bytes, fds });
  }

  pushAction(run: () => void): void {
    this.#items.push({ kind: 'action', run });
  }

  /** Delivers what can be delivered; a frontend may call back into the chardev meanwhile. */
  deliver(frontend: () => ChardevFrontend | undefined): void {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let item = this.#items[0]; item; item = this.#items[0]) {
        if (item.kind === 'action') {
          this.#items.shift();
          item.run();
        } else if (!deliverBytes(item, frontend())) {
          return;
        } else if (item.bytes.length === 0 && this.#items[0] === item) {
          this.#items.shift();
        }
      }
    } finally {
      this.#delivering = false;
    }
  }

  /**
   * Moves the other queue's undelivered bytes to the front of this one, and runs `then` after them; the actions of
   * the other queue belong to its own backend and are forgotten.
   */
  takeOver(other: InputQueue, then: () => void): void {
    const bytes = other.#items.filter((item) => item.kind === 'bytes');
    other.#items = [];
    this.#items.unshift(...bytes, { kind: 'action', run: then });
  }

  /** Forgets everything, closing descriptors that were not delivered. */
  clear(): void {
    for (const item of this.#items) {
      if (item.kind === 'bytes') for (const fd of item.fds) fd.close();
    }
    this.#items = [];
  }
}

/** False when the frontend can take nothing now. */
function deliverBytes(item: Item & { kind: 'bytes' }, frontend: ChardevFrontend | undefined): boolean {
  const room = frontend?.canReceive() ?? 0;
  if (!frontend || room <= 0) return false;
  const { fds } = item;
  const part = item.bytes.subarray(0, room);
  item.fds = [];
  item.bytes = item.bytes.subarray(part.length);
  if (frontend.receiveFds && fds.length > 0) frontend.receiveFds(fds);
  else for (const fd of fds) fd.close();
  frontend.receive(part);
  return true;
}
