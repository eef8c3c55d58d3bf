// From a request to its outcome: the contents page of what happens to each command. Who may do it is authorize.ts; what
// QEMU answers goes by forward.ts; what is answered here is in handlers/. What is known of a command is its traits
// (QEMU: qapi/qmp-dispatch.c, qmp_dispatch).

import type { JsonObject } from '../json/value.ts';
import type { Phase } from '../machine/phase.ts';
import { QmpError } from '../qmp/error.ts';
import type { Outcome } from '../qmp/session/reply.ts';
import type { Request } from '../qmp/session/request.ts';
import type { Session } from '../qmp/session/session.ts';
import type { LegalPhases, Role } from '../qmp/traits.ts';
import { AssertionError } from '../util/assert.ts';
import { messageOf } from '../util/local-error.ts';
import { authorize } from './authorize.ts';
import type { CommandContext, CommandDefinition, Server } from './context.ts';
import { makesItsOwn } from './declare.ts';
import { argumentsText, forward, replyOutcome } from './forward.ts';
import { commands } from './handlers/index.ts';
import { checkArguments } from './schema.ts';
import { traitsOf } from './traits.ts';

export interface ServeParts {
  /** What the handlers of our commands see. */
  readonly server: Server;
  readonly roleOf: (session: Session) => Role;
  /** Puts what the command has changed on the disk; undefined when there is nothing to be written. */
  readonly keep: () => Promise<void> | undefined;
  readonly log: (message: string) => void;
}

export class RequestServer {
  readonly #parts: ServeParts;

  constructor(parts: ServeParts) {
    this.#parts = parts;
  }

  /** Never throws and never rejects: what goes wrong is the outcome. What has changed is on the disk by then. */
  serve(session: Session, request: Request): Outcome | Promise<Outcome> {
    const outcome = this.#serve(session, request);
    return outcome instanceof Promise
      ? outcome.then((settled) => this.#kept(request.command, settled))
      : this.#kept(request.command, outcome);
  }

  #kept(command: string, outcome: Outcome): Outcome | Promise<Outcome> {
    const written = this.#parts.keep();
    if (written === undefined) return outcome;
    return written.then(
      () => outcome,
      (thrown: unknown) => {
        if (outcome.kind !== 'return') return outcome;
        const text = `The command ${command} has been carried out, but a later server would not know: ${messageOf(thrown)}`;
        return { kind: 'error', error: new QmpError(text) };
      },
    );
  }

  #serve(session: Session, request: Request): Outcome | Promise<Outcome> {
    const { server, roleOf } = this.#parts;
    const { command } = request;
    try {
      const traits = traitsOf(command);
      authorize(command, traits, roleOf(session));
      const { machine } = server;
      const definition = commands.get(command);
      const context: CommandContext = { session, request, server, traits };
      const { forwarded } = machine;
      if (forwarded !== undefined && !isOwn(definition, context)) {
        const outcome = forward(this.#parts, forwarded, session, request);
        return definition?.carriedOut === undefined
          ? outcome
          : observed(outcome, definition.carriedOut, context);
      }
      if (definition === undefined || traits.probe !== undefined) {
        const engine = machine.phase === 'created' ? undefined : server.engine();
        if (engine?.answerBlank !== undefined) return this.#answerBlank(context);
      }
      return this.#answer(definition, context);
    } catch (thrown) {
      return this.#failed(command, thrown);
    }
  }

  /** Answered here, by the command's handler. */
  #answer(definition: CommandDefinition | undefined, context: CommandContext): Outcome | Promise<Outcome> {
    const { request } = context;
    if (definition === undefined) throw commandNotFound(request.command);
    const { name, traits } = definition;
    if (request.outOfBand && traits.outOfBand !== true)
      throw new QmpError(`The command ${name} does not support OOB`);
    checkPhase(name, traits.phases, context.server.machine.phase);
    const result = definition.run(context, this.#checkedArguments(definition, context));
    return result instanceof Promise ? this.#settled(name, result) : { kind: 'return', value: result };
  }

  async #settled(command: string, result: ReturnType<CommandDefinition['run']>): Promise<Outcome> {
    try {
      return { kind: 'return', value: await result };
    } catch (thrown) {
      return this.#failed(command, thrown);
    }
  }

  /** What an engine like QEMU is to make it checks against its own schema, when it is declared. */
  #checkedArguments({ name, engineChecks }: CommandDefinition, context: CommandContext): JsonObject {
    const { arguments: args } = context.request;
    const isEngines = makesItsOwn(context.server) && engineChecks?.(context, args) === true;
    return isEngines && args !== undefined ? args : checkArguments(name, args);
  }

  /** What only QEMU can answer, while there is none: by the binary's probe, or an error that says what is needed. */
  async #answerBlank({ request, traits, server }: CommandContext): Promise<Outcome> {
    const { command } = request;
    // As it was when the request came: the answers below take their time.
    const { phase } = server.machine;
    try {
      const engine = server.engine();
      const reply =
        traits.probe === undefined ? undefined : await engine.answerBlank?.(command, argumentsText(request));
      if (reply !== undefined) return replyOutcome(reply);
      if (await engine.hasCommand?.(command)) checkPhase(command, 'created', phase);
      throw commandNotFound(command);
    } catch (thrown) {
      return this.#failed(command, thrown);
    }
  }

  /** A fault of the program is logged in full; the client is told that there was one. */
  #failed(command: string, thrown: unknown): Outcome {
    if (thrown instanceof QmpError) return { kind: 'error', error: thrown };
    this.#parts.log(`command ${command}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
    const text = thrown instanceof AssertionError ? 'an internal check failed' : messageOf(thrown);
    return { kind: 'error', error: new QmpError(`The command ${command} failed: ${text}`) };
  }
}

async function observed(
  forwarded: Promise<Outcome>,
  carriedOut: (context: CommandContext) => void,
  context: CommandContext,
): Promise<Outcome> {
  const outcome = await forwarded;
  if (outcome.kind === 'return') carriedOut(context);
  return outcome;
}

/** Whether the command is answered here although the machine has a monitor of its own. */
function isOwn(definition: CommandDefinition | undefined, context: CommandContext): boolean {
  if (definition === undefined) return false;
  return definition.isOwn?.(context, context.request.arguments) ?? definition.kind === 'own';
}

function commandNotFound(name: string): QmpError {
  return new QmpError(`The command ${name} has not been found`, 'CommandNotFound');
}

/** QEMU's texts for the two faults that it knows (qmp_command_available, qmp_x_exit_preconfig). */
function checkPhase(name: string, legal: LegalPhases, phase: Phase): void {
  if (legal === 'any' || legal === phase) return;
  if (legal === 'created') {
    const text = `The command '${name}' is permitted only after machine initialization has completed`;
    throw new QmpError(phase === 'creating' ? `${text}, which is under way` : text);
  }
  throw new QmpError('The command is permitted only before machine initialization');
}
