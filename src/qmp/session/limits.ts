// The limits of one session, each with what happens at it.

export interface SessionLimits {
  /** In-band requests that wait while one runs, with out-of-band enabled: reading stops (QEMU: QMP_REQ_QUEUE_LEN_MAX). */
  readonly requestsMax: number;
  /** Output that the peer has not read: the session's next command waits until it is less. */
  readonly outputHighWaterBytes: number;
  /** The same, at an event: the peer does not read, and the session is ended with reason `output-limit`. */
  readonly outputBytesMax: number;
}

export const defaultSessionLimits: SessionLimits = {
  requestsMax: 8,
  outputHighWaterBytes: 1 << 20,
  outputBytesMax: 16 << 20,
};
