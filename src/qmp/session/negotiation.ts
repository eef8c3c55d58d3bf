// `qmp_capabilities`, the only command that is the session's own (QEMU: monitor/qmp-cmds-control.c).

import type { JsonObject } from '../../json/value.ts';
import { QmpError } from '../error.ts';
import type { Request } from './request.ts';

export const negotiationCommand = 'qmp_capabilities';

type CheckCapabilities = (args: JsonObject) => readonly string[];

/** In a session that has not negotiated: the capabilities that the client wants. Throws a QmpError. */
export function negotiate(request: Request, check: CheckCapabilities): readonly string[] {
  if (request.command !== negotiationCommand) {
    const text = `Expecting capabilities negotiation with '${negotiationCommand}'`;
    throw new QmpError(text, 'CommandNotFound');
  }
  return check(request.arguments ?? {});
}

/**
 * Afterwards. The command is still one of QEMU's, which looks at its arguments before it says that it comes too late.
 * Throws a QmpError in any case.
 */
export function refuseNegotiation(request: Request, check: CheckCapabilities): never {
  if (request.outOfBand) throw new QmpError(`The command ${negotiationCommand} does not support OOB`);
  check(request.arguments ?? {});
  const text = 'Capabilities negotiation is already complete, command ignored';
  throw new QmpError(text, 'CommandNotFound');
}
