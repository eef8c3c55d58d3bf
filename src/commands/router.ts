// Where a request goes: to a command of ours, to the QEMU that runs, or, while there is none, to what is known of its
// binary.

import type { JsonObject } from '../json/value.ts';
import { changesDeclarations, redeclare } from '../machine/configuration/follow.ts';
import type { ForwardingMachine } from '../machine/engine.ts';
import type { EngineSet } from '../machine/engine-set.ts';
import type { Machine } from '../machine/life.ts';
import type { Objects } from '../machine/objects.ts';
import type { Fdsets } from '../qmp/fds/fdsets.ts';
import type { Outcome } from '../qmp/session/reply.ts';
import type { Request } from '../qmp/session/request.ts';
import type { Session } from '../qmp/session/session.ts';
import { messageOf } from '../util/local-error.ts';
import type { CommandContext, Server as CommandServer } from './context.ts';
import { Dispatcher, type DispatchScene } from './dispatch.ts';
import { answerBlank, forwardingMachine, forwardRequest } from './forwarding.ts';
import { commands } from './handlers/index.ts';
import { checkArguments } from './schema.ts';

export interface RouterParts {
  readonly machine: Machine;
  readonly engines: EngineSet;
  readonly objects: Objects;
  readonly fdsets: Fdsets;
  /** What the handlers of our commands see. */
  readonly server: CommandServer;
  readonly log: (message: string) => void;
}

type Scene = DispatchScene<CommandContext>;

export class RequestRouter {
  readonly #parts: RouterParts;
  readonly #dispatcher: Dispatcher<CommandContext>;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#dispatcher = new Dispatcher(
      commands,
      (name, args) => this.#checkArguments(name, args),
      (thrown, command) => {
        parts.log(`command ${command}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
      },
    );
  }

  execute(session: Session, request: Request): Outcome | Promise<Outcome> {
    const { machine, server } = this.#parts;
    const scene: Scene = {
      context: { session, request, server },
      role: 'admin',
      phase: machine.phase,
      forward: this.#forwardOf(session),
      answerBlank: this.#answererOf(),
    };
    return this.#dispatcher.execute(request, scene);
  }

  /** What QEMU is to make is checked against its own schema, when it is declared. */
  #checkArguments(name: string, args: JsonObject | undefined): JsonObject {
    const { machine, objects } = this.#parts;
    const isQemus = machine.engineKind === 'qemu' && isDeclaredForQemu(name, args, objects);
    return isQemus && args !== undefined ? args : checkArguments(name, args);
  }

  /** To the monitor of the QEMU that runs. */
  #forwardOf(session: Session): Scene['forward'] {
    const { fdsets } = this.#parts;
    const machine = forwardingMachine(this.#parts.machine);
    if (machine === undefined) return undefined;
    return async (request) => {
      const declares = this.#declares(machine, request);
      const outcome = await forwardRequest(machine, session, request, fdsets);
      if (declares && outcome.kind === 'return') await this.#redeclare(request);
      return outcome;
    };
  }

  #declares(machine: ForwardingMachine, request: Request): boolean {
    return !this.#parts.server.attached && changesDeclarations(machine, request);
  }

  /** A fault here is the next machine's; the command has been carried out. */
  async #redeclare(request: Request): Promise<void> {
    try {
      await redeclare({ ...this.#parts.server, log: this.#parts.log }, request);
    } catch (thrown) {
      this.#parts.log(`the next machine is without what ${request.command} did: ${messageOf(thrown)}`);
    }
  }

  /** Who answers, while there is no machine, what only QEMU knows: its probe. */
  #answererOf(): Scene['answerBlank'] {
    const { phase, engineKind } = this.#parts.machine;
    if (phase === 'created' || engineKind !== 'qemu') return undefined;
    const engine = this.#parts.engines.get('qemu');
    return (request) => answerBlank(engine, request, phase);
  }
}

function isDeclaredForQemu(command: string, args: JsonObject | undefined, own: Objects): boolean {
  if (command === 'blockdev-add') return true;
  return command === 'object-add' && !own.isOwnType(String(args?.['qom-type']));
}
