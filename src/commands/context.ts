// What a command's handler may use, and how a command's constant is written. The schema gives the types of its
// arguments and of its return value; the constant adds what the schema language cannot say.

import type { JsonObject } from '../json/value.ts';
import type { ChardevSet, DescriptorSource } from '../machine/chardev.ts';
import type { Configuration } from '../machine/configuration/configuration.ts';
import type { Controls } from '../machine/controls.ts';
import type { DeclaringCommands, Engine } from '../machine/engine.ts';
import type { EngineSet } from '../machine/engine-set.ts';
import type { Life } from '../machine/life.ts';
import type { ObjectSet } from '../machine/objects.ts';
import type { Execute } from '../machine/options.ts';
import type { CommandResult, Printed } from '../qmp/command.ts';
import { QmpError } from '../qmp/error.ts';
import type { EventBus } from '../qmp/events/bus.ts';
import type { Fdsets } from '../qmp/fds/fdsets.ts';
import type { Request } from '../qmp/session/request.ts';
import type { Session } from '../qmp/session/session.ts';
import type { CommandTraits, LegalPhases } from '../qmp/traits.ts';
import type { CommandMap } from '../schema/index.ts';
import type { Clock } from '../util/clock.ts';
import type { OwnedFd } from '../util/owned-fd.ts';

export interface CommandContext {
  readonly session: Session;
  readonly request: Request;
  readonly server: Server;
  /** Of the command that is carried out. */
  readonly traits: CommandTraits;
}

/** The server's side of the handlers; src/server makes it. */
export interface Server {
  readonly machine: Life;
  readonly configuration: Configuration;
  readonly chardevs: ChardevSet;
  readonly events: EventBus;
  readonly fdsets: Fdsets;
  readonly objects: ObjectSet;
  readonly engines: EngineSet;
  readonly clock: Clock;
  readonly version: VersionInfo;
  /** What clients can be told about all commands, including those of the QEMU behind qmpd. */
  schema(): Promise<SchemaView>;
  sessions(): readonly SessionRecord[];
  /** Ends a session with reason `session-close`; false when there is none of that id. */
  closeSession(id: string): boolean;
  /** The process ends once the running command of `session` has been answered. */
  quitAfter(session: Session): void;
  /** Has the machine that runs, if it has a monitor of its own, carry out a command of qmpd's. */
  readonly tell: Execute;
  /** How each kind of thing is declared. */
  readonly declaring: DeclaringCommands;
  /** The engine of the machine, or of the next one. Throws a QmpError when there is none of that kind. */
  engine(): Engine;
  /** What a descriptor is, for `query-fds`. */
  describeFd(fd: OwnedFd): FdDescription;
}

export interface SchemaView {
  /** The answer of `query-qmp-schema`. */
  readonly text: Printed;
  readonly commandNames: readonly string[];
}

export interface VersionInfo {
  readonly qemu: { readonly major: number; readonly minor: number; readonly micro: number };
  readonly package: string;
}

export interface FdDescription {
  readonly kind: CommandMap['query-fds']['returns'][number]['kind'];
  readonly access: CommandMap['query-fds']['returns'][number]['access'];
}

/** A session with what only its connection knows. */
export interface SessionRecord {
  readonly session: Session;
  readonly transport: SessionInfo['transport'];
  /** Id of the qmp-server or monitor-qmp object that the session belongs to. */
  readonly server: string | undefined;
  readonly peer: SessionInfo['peer'];
  readonly role: SessionInfo['role'];
}

type SessionInfo = CommandMap['query-sessions']['returns'][number];
type Arguments<Name extends keyof CommandMap> = CommandMap[Name]['arguments'];
type Returns<Name extends keyof CommandMap> = CommandMap[Name]['returns'] | Printed;

/** Where a command is answered while the machine has a monitor of its own: here; by that. */
type CommandKind = 'own' | 'engine';

type IsOurs = (context: CommandContext, args: JsonObject | undefined) => boolean;

interface Answering {
  /** For a command that both sides have: whether these arguments name something that qmpd has. Absent: as `kind` says. */
  readonly isOwn?: IsOurs;
  /** Whether the engine that will make it checks the arguments, by QEMU's own schema instead of qmpd's. */
  readonly engineChecks?: IsOurs;
  /** Hears of each time that the engine carried it out, before the answer goes to the client. */
  readonly carriedOut?: (context: CommandContext) => void;
}

/** A command that qmpd can answer, as data: src/commands/serve.ts does everything that is common from this alone. */
export interface CommandDefinition extends Answering {
  readonly name: string;
  readonly kind: CommandKind;
  readonly traits: CommandTraits & { readonly phases: LegalPhases };
  /** Arguments have been checked against the schema. Throws or rejects with a QmpError; undefined answers {}. */
  run(context: CommandContext, args: JsonObject): CommandResult | Promise<CommandResult>;
}

interface Definition<Name extends keyof CommandMap> extends CommandTraits, Answering {
  readonly name: Name;
  readonly kind?: CommandKind;
  readonly phases: LegalPhases;
  run(context: CommandContext, args: Arguments<Name>): Returns<Name> | Promise<Returns<Name>>;
}

/** A command's constant. `kind` is `engine` unless it says otherwise: a QEMU that runs answers it itself. */
export function command<Name extends keyof CommandMap>({
  name,
  kind = 'engine',
  isOwn,
  engineChecks,
  carriedOut,
  run,
  ...traits
}: Definition<Name>): CommandDefinition {
  return {
    name,
    kind,
    traits,
    ...(isOwn === undefined ? {} : { isOwn }),
    ...(engineChecks === undefined ? {} : { engineChecks }),
    ...(carriedOut === undefined ? {} : { carriedOut }),
    // They have been checked against the schema type that `Arguments<Name>` was generated from.
    run: (context, args: JsonObject) =>
      run(context, args as unknown as Arguments<Name>) as CommandResult | Promise<CommandResult>,
  };
}

/** Where arguments that name a descriptor take it from: what the session has named. */
export function descriptorsOf({ fds }: Session): DescriptorSource {
  return { take: (name) => (fds.hasName(name) ? fds.declareName(name) : undefined) };
}

/** What qmpd itself can do with the machine. It may have ended while a command was waiting for something. */
export function controls({ server, request }: CommandContext): Controls {
  const { instance } = server.machine;
  if (instance === undefined) throw new QmpError('The machine has ended');
  if (instance.commands.kind === 'controlled') return instance.commands.controls;
  throw new QmpError(`The command ${request.command} is QEMU's to answer`);
}

/** Controls that some engines' machines lack, in words. */
const optionalControls = {
  media: 'drives',
  screen: 'screen',
  input: 'keyboard or mouse',
  memory: 'memory that can be looked at',
  human: 'human monitor',
} as const;

/** Throws a QmpError that names the engine when its machines do not have it. */
export function control<Name extends keyof typeof optionalControls>(
  context: CommandContext,
  name: Name,
): NonNullable<Controls[Name]> {
  const found = controls(context)[name];
  if (found) return found;
  const { engineKind } = context.server.machine;
  throw new QmpError(`The engine '${engineKind}' has no ${optionalControls[name]}`);
}
