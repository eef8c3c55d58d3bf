// Wire errors: what a client reads as {"error": {"class", "desc"}} (QEMU: qapi/error.json, util/error.c). Handlers
// throw them; src/qmp/session/session.ts is the only place that prints them.

export type ErrorClass =
  | 'GenericError'
  | 'CommandNotFound'
  | 'DeviceNotActive'
  | 'DeviceNotFound'
  | 'KVMMissingCap';

export class QmpError extends Error {
  override readonly name: string = 'QmpError';
  readonly errorClass: ErrorClass;

  constructor(desc: string, errorClass: ErrorClass = 'GenericError') {
    super(desc);
    this.errorClass = errorClass;
  }
}
