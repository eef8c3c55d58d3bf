// Requests that the QEMU behind answers: the client's own bytes go out, its own bytes come back. Descriptors that the
// command names leave the session with it.

import type { JsonObject } from '../json/value.ts';
import type { Engine, ForwardingMachine, ForwardReply } from '../machine/engine.ts';
import type { Machine } from '../machine/life.ts';
import type { Phase } from '../machine/phase.ts';
import { Printed } from '../qmp/command.ts';
import { QmpError } from '../qmp/error.ts';
import type { Fdsets } from '../qmp/fds/fdsets.ts';
import type { Outcome } from '../qmp/session/reply.ts';
import type { Request } from '../qmp/session/request.ts';
import type { Session } from '../qmp/session/session.ts';
import { messageOf } from '../util/local-error.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import { checkPhase, commandNotFound } from './dispatch.ts';

/** The machine, when it has a monitor of its own. */
export function forwardingMachine({ state }: Machine): ForwardingMachine | undefined {
  return state.phase === 'created' && state.machine.kind === 'forwarding' ? state.machine : undefined;
}

export async function forwardRequest(
  machine: ForwardingMachine,
  session: Session,
  request: Request,
  fdsets: Fdsets,
): Promise<Outcome> {
  try {
    const { command, outOfBand, arguments: args } = request;
    fdsets.refuseForeign(session.id, args);
    const reply = await machine.forward({
      session: session.id,
      command,
      outOfBand,
      argumentsText: argumentsText(request),
      arguments: args,
      fds: takeDescriptors(machine, session, command, args),
      ...fdsetsOf(machine, fdsets, args),
      ...(session.commandTimeoutMs === undefined ? {} : { timeoutMs: session.commandTimeoutMs }),
    });
    return replyOutcome(reply);
  } catch (thrown) {
    return { kind: 'error', error: thrown instanceof QmpError ? thrown : new QmpError(messageOf(thrown)) };
  }
}

export function replyOutcome(reply: ForwardReply): Outcome {
  return reply.kind === 'return'
    ? { kind: 'return', value: new Printed(reply.text) }
    : { kind: 'error-text', text: reply.text };
}

/** A request that only QEMU can answer, while there is none: by the binary's probe, or an error that says what is needed. */
export async function answerBlank(engine: Engine, request: Request, phase: Phase): Promise<Outcome> {
  const { command } = request;
  const reply = await engine.answerBlank?.(command, argumentsText(request));
  if (reply !== undefined) return replyOutcome(reply);
  if (await engine.hasCommand?.(command)) checkPhase(command, 'created', phase);
  throw commandNotFound(command);
}

/** The arguments as the client wrote them, made short. */
export function argumentsText(request: Request): string | undefined {
  return request.arguments === undefined ? undefined : request.source().compact(['arguments']);
}

/** What the fdsets hold that the command names, for those that the machine does not have yet. */
function fdsetsOf(
  machine: ForwardingMachine,
  fdsets: Fdsets,
  args: JsonObject | undefined,
): { readonly fdsets?: ReadonlyMap<string, readonly number[]> } {
  const numbers = args === undefined ? [] : machine.fdsetNumbers(args);
  if (numbers.length === 0) return {};
  return { fdsets: new Map(numbers.map((id) => [id, fdsets.descriptors(id)])) };
}

/** The named descriptors that the command will consume; they belong to the machine from here on. */
function takeDescriptors(
  machine: ForwardingMachine,
  session: Session,
  command: string,
  args: JsonObject | undefined,
): ReadonlyMap<string, OwnedFd> {
  const names = machine.descriptorNames(command, args);
  const present = [...new Set(names)].filter((name) => session.fds.hasName(name));
  return new Map(present.map((name) => [name, session.fds.consumeName(name)]));
}
