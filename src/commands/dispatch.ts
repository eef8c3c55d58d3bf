// From a request to its outcome: everything that commands have in common, read off their constants (QEMU:
// qapi/qmp-dispatch.c, qmp_dispatch). What a command does is in src/commands; what QEMU answers is forwarded.

import type { JsonObject } from '../json/value.ts';
import type { CommandDefinition, CommandResult, LegalPhases, Role } from '../qmp/command.ts';
import { QmpError } from '../qmp/error.ts';
import type { Outcome } from '../qmp/session/reply.ts';
import type { Request } from '../qmp/session/request.ts';
import { AssertionError } from '../util/assert.ts';
import { messageOf } from '../util/local-error.ts';

export type CommandTable<Context> = ReadonlyMap<string, CommandDefinition<Context>>;

/** What the dispatcher has to know of the moment in which a request is carried out. */
export interface DispatchScene<Context> {
  readonly context: Context;
  readonly role: Role;
  /** The machine's phase; 'creating' and 'ending' are between. */
  readonly phase: 'blank' | 'creating' | 'created' | 'ending';
  /** Takes the request when the machine has a monitor of its own; undefined otherwise. */
  readonly forward: ((request: Request) => Outcome | Promise<Outcome>) | undefined;
  /** Answers, for an engine that can before there is a machine, what is not ours; undefined otherwise. */
  readonly answerBlank: ((request: Request) => Promise<Outcome>) | undefined;
}

export class Dispatcher<Context> {
  readonly #commands: CommandTable<Context>;
  readonly #checkArguments: (command: string, args: JsonObject | undefined) => JsonObject;
  readonly #unexpected: (thrown: unknown, command: string) => void;

  /** `checkArguments` throws a QmpError; `unexpected` hears of faults of the program, which clients see without details. */
  constructor(
    commands: CommandTable<Context>,
    checkArguments: (command: string, args: JsonObject | undefined) => JsonObject,
    unexpected: (thrown: unknown, command: string) => void,
  ) {
    this.#commands = commands;
    this.#checkArguments = checkArguments;
    this.#unexpected = unexpected;
  }

  execute(request: Request, scene: DispatchScene<Context>): Outcome | Promise<Outcome> {
    try {
      const command = this.#commands.get(request.command);
      if (scene.forward !== undefined && !isOwn(command, request, scene)) {
        const outcome = scene.forward(request);
        return command?.carriedOut === undefined ? outcome : observed(outcome, command.carriedOut, scene);
      }
      if (scene.answerBlank !== undefined && (command === undefined || command.kind === 'cached')) {
        return scene.answerBlank(request).catch((thrown: unknown) => this.#failed(thrown, request));
      }
      const result = this.#run(command, request, scene);
      if (!(result instanceof Promise)) return { kind: 'return', value: result };
      return result.then(
        (value): Outcome => ({ kind: 'return', value }),
        (thrown: unknown) => this.#failed(thrown, request),
      );
    } catch (thrown) {
      return this.#failed(thrown, request);
    }
  }

  #run(
    command: CommandDefinition<Context> | undefined,
    request: Request,
    scene: DispatchScene<Context>,
  ): CommandResult | Promise<CommandResult> {
    const { command: name } = request;
    if (command === undefined) throw commandNotFound(name);
    if (request.outOfBand && !command.outOfBand)
      throw new QmpError(`The command ${name} does not support OOB`);
    checkPhase(name, command.phases, scene.phase);
    checkRole(name, command.role, scene.role);
    return command.run(scene.context, this.#checkArguments(name, request.arguments));
  }

  #failed(thrown: unknown, request: Request): Outcome {
    if (thrown instanceof QmpError) return { kind: 'error', error: thrown };
    this.#unexpected(thrown, request.command);
    const text = thrown instanceof AssertionError ? 'an internal check failed' : messageOf(thrown);
    return { kind: 'error', error: new QmpError(`The command ${request.command} failed: ${text}`) };
  }
}

async function observed<Context>(
  forwarded: Outcome | Promise<Outcome>,
  carriedOut: (context: Context) => void,
  { context }: DispatchScene<Context>,
): Promise<Outcome> {
  const outcome = await forwarded;
  if (outcome.kind === 'return') carriedOut(context);
  return outcome;
}

function isOwn<Context>(
  command: CommandDefinition<Context> | undefined,
  request: Request,
  scene: DispatchScene<Context>,
): boolean {
  if (command === undefined) return false;
  return command.isOwn?.(scene.context, request.arguments) ?? command.kind === 'own';
}

export function commandNotFound(name: string): QmpError {
  return new QmpError(`The command ${name} has not been found`, 'CommandNotFound');
}

/** QEMU's texts for the two faults that it knows (qmp_command_available, qmp_x_exit_preconfig). */
export function checkPhase(name: string, legal: LegalPhases, phase: DispatchScene<unknown>['phase']): void {
  if (legal === 'any' || legal === phase) return;
  if (legal === 'created') {
    const text = `The command '${name}' is permitted only after machine initialization has completed`;
    throw new QmpError(phase === 'creating' ? `${text}, which is under way` : text);
  }
  throw new QmpError('The command is permitted only before machine initialization');
}

const rank: Readonly<Record<Role, number>> = { observe: 0, operate: 1, admin: 2 };

function checkRole(name: string, needed: Role, held: Role): void {
  if (rank[held] >= rank[needed]) return;
  throw new QmpError(`The command ${name} needs the role '${needed}'; this session has '${held}'`);
}
