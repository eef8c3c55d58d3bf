// Requests that the QEMU behind qmpd answers: the client's bytes go out, QEMU's bytes come back. Descriptors that the
// command names leave the session with it, and what the next machine is made of follows what QEMU was given.

import { changesDeclarations, redeclare } from '../machine/configuration/follow.ts';
import { mayChangeBlocks } from '../machine/configuration/follower.ts';
import type { ForwardedCommands, ForwardReply, ReadCommand } from '../machine/instance.ts';
import { Printed } from '../qmp/command.ts';
import { QmpError } from '../qmp/error.ts';
import type { DescriptorUse } from '../qmp/fds/descriptor-uses.ts';
import { type Fdsets, fdsetNumbers } from '../qmp/fds/fdsets.ts';
import type { Outcome } from '../qmp/session/reply.ts';
import type { Request } from '../qmp/session/request.ts';
import type { Session } from '../qmp/session/session.ts';
import { messageOf } from '../util/local-error.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { Server } from './context.ts';
import { readCommand } from './read-command.ts';

export interface ForwardParts {
  readonly server: Server;
  readonly log: (message: string) => void;
}

/** Never rejects: what goes wrong is the outcome. */
export async function forward(
  parts: ForwardParts,
  machine: ForwardedCommands,
  session: Session,
  request: Request,
): Promise<Outcome> {
  try {
    const { command, outOfBand, arguments: args } = request;
    const numbers = fdsetNumbers(args);
    const { fdsets, machine: life } = parts.server;
    fdsets.refuseForeign(session.id, numbers);
    const read = readCommand(command, args);
    const follows = life.mayEnd === true && changesDeclarations(read, numbers);
    const reply = await machine.forward({
      ...read,
      session: session.id,
      outOfBand,
      argumentsText: argumentsText(request),
      fds: takeDescriptors(session, read.uses),
      ...(numbers.length === 0 ? {} : { fdsets: descriptorsOf(fdsets, numbers) }),
      ...(session.commandTimeoutMs === undefined ? {} : { timeoutMs: session.commandTimeoutMs }),
    });
    if (follows && reply.kind === 'return') await follow(parts, read);
    if (reply.kind === 'return' && mayChangeBlocks(read)) await life.follower?.carriedOut(read);
    // What QEMU said before its answer is told before it.
    const { eventsTold } = life;
    if (eventsTold !== undefined) await eventsTold;
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

/** The arguments as the client wrote them, made short. */
export function argumentsText(request: Request): string | undefined {
  return request.arguments === undefined ? undefined : request.source().compact(['arguments']);
}

/** A fault here is the next machine's; the command has been carried out. */
async function follow({ server, log }: ForwardParts, read: ReadCommand): Promise<void> {
  try {
    const { configuration, chardevs } = server;
    await redeclare({ configuration, chardevs, engine: () => server.engine(), log }, read);
  } catch (thrown) {
    log(`the next machine is without what ${read.command} did: ${messageOf(thrown)}`);
  }
}

/** What the fdsets hold that the command names, for those that the machine does not have yet. */
function descriptorsOf(fdsets: Fdsets, numbers: readonly string[]): ReadonlyMap<string, readonly number[]> {
  return new Map(numbers.map((id) => [id, fdsets.descriptors(id)]));
}

const noDescriptors: ReadonlyMap<string, OwnedFd> = new Map();

/** The named descriptors that the command will consume; they belong to the machine from here on. */
function takeDescriptors({ fds }: Session, uses: readonly DescriptorUse[]): ReadonlyMap<string, OwnedFd> {
  if (uses.length === 0) return noDescriptors;
  const names = new Set(uses.flatMap((use) => use.names));
  const present = [...names].filter((name) => fds.hasName(name));
  return new Map(present.map((name) => [name, fds.consumeName(name)]));
}
