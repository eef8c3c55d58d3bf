// The peers of one listener that are in the middle of a handshake. They have a time limit, and their number has two: of one
// source, and of all. At either limit the eldest makes way for the newcomer, so that peers which connect and say
// nothing cannot lock out one that speaks: an honest handshake takes milliseconds.

import type { Peer } from './peer.ts';

/** A peer that connects and then does not speak is dropped after this time. */
const handshakeTimeoutMs = 10_000;

/** Handshakes at a time of one listener, and of one source (a host, a user): then the eldest is dropped. */
const handshakesMax = 256;
const handshakesPerSourceMax = 64;

interface Handshake {
  readonly source: string;
  /** Ends the whole connection, so that whatever is being waited for is over. */
  readonly drop: () => void;
}

export class Handshakes {
  /** Eldest first. */
  readonly #running: Set<Handshake> = new Set();

  /** To be called with a peer that has just come; the function says that its handshake is over, however it went. */
  begin({ source = '', stream }: Peer): () => void {
    const handshake = { source, drop: () => stream.destroy() };
    const timeout = setTimeout(handshake.drop, handshakeTimeoutMs);
    this.#running.add(handshake);
    this.#makeRoom(source);
    return () => {
      clearTimeout(timeout);
      this.#running.delete(handshake);
    };
  }

  #makeRoom(source: string): void {
    const all = [...this.#running];
    const same = all.filter((handshake) => handshake.source === source);
    if (same.length > handshakesPerSourceMax) this.#drop(same[0]);
    else if (all.length > handshakesMax) this.#drop(all[0]);
  }

  #drop(eldest: Handshake | undefined): void {
    if (eldest === undefined) return;
    this.#running.delete(eldest);
    eldest.drop();
  }
}
