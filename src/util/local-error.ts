// Local errors: what goes wrong on this side of the wire (a peer gone, a path in use, a file missing). They carry a
// stable code for programs and keep their cause; they are never sent over QMP as they are.

/** `ERR_QMPD_` and a noun: part of the public interface of `qmpd/client`. */
export type LocalErrorCode = `ERR_QMPD_${string}`;

export class LocalError extends Error {
  override readonly name: string = 'QmpdError';
  readonly code: LocalErrorCode;

  constructor(code: LocalErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
