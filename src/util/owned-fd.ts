// A file descriptor of this process with an owner. Whoever holds an OwnedFd closes it or hands it on; there is
// always exactly one holder. The folders without I/O move them about; the transports make the real ones.

export interface OwnedFd {
  /** The number; only valid until `close` or `release`. */
  readonly fd: number;
  /** Closes the descriptor. A second call does nothing. */
  close(): void;
  /** Gives up ownership: the caller now closes the returned number. */
  release(): number;
}
