// What `qmpd/client` throws. Two families, never mixed:
//   QmpCommandError   the server answered a command with an error: the conversation goes on
//   LocalError        something went wrong on this side; `code` says what, `cause` keeps the first reason:
//     ERR_QMPD_ADDRESS            the address cannot be understood
//     ERR_QMPD_CONNECT            no connection could be made
//     ERR_QMPD_NO_GREETING        connected, but the server did not greet in time
//     ERR_QMPD_PROTOCOL           the peer does not speak QMP as it should; the connection is closed
//     ERR_QMPD_DISCONNECTED       the server went away (also: before it answered)
//     ERR_QMPD_CLOSED             this client was closed by its own program
//     ERR_QMPD_TIMEOUT            no answer in the time given; a late one is dropped
//     ERR_QMPD_ABORTED            the AbortSignal fired; `cause` is its reason
//     ERR_QMPD_ARGUMENTS          the arguments have no form in QMP's JSON
//     ERR_QMPD_NO_FDS             descriptors cannot travel over this connection
//     ERR_QMPD_NO_OOB             out-of-band was asked for, but not negotiated
//     ERR_QMPD_TOO_MANY_COMMANDS  pendingCommandsMax commands wait for an answer
//     ERR_QMPD_EVENTS_LOST        a consumer of events fell too far behind
//     ERR_QMPD_LAUNCH             a private qmpd could not be started

import { LocalError } from '../util/local-error.ts';

/** The server's error answer to a command. */
export class QmpCommandError extends Error {
  override readonly name: string = 'QmpCommandError';
  /** QEMU's error class: "GenericError", "CommandNotFound", "DeviceNotFound" ... */
  readonly class: string;
  /** The server's own words; for people, not for programs. */
  readonly desc: string;
  readonly command: string;

  constructor(command: string, errorClass: string, desc: string) {
    super(`${command}: ${desc}`);
    this.command = command;
    this.class = errorClass;
    this.desc = desc;
  }
}

export function abortedError(what: string, signal: AbortSignal): LocalError {
  return new LocalError('ERR_QMPD_ABORTED', `${what}: aborted`, { cause: signal.reason });
}

export function timeoutError(what: string, timeoutMs: number): LocalError {
  return new LocalError('ERR_QMPD_TIMEOUT', `${what}: no answer in ${timeoutMs} ms`);
}
