// What the tests of the QEMU engine share: the binaries that this system has, an engine in a directory of its own,
// and a host that keeps what it is told.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chardevTypes } from '../../../src/chardevs/index.ts';
import { readCommand } from '../../../src/commands/read-command.ts';
import { declaringCommands } from '../../../src/commands/traits.ts';
import { QemuEngine, type QemuEngineOptions } from '../../../src/engines/qemu/engine.ts';
import { print } from '../../../src/json/print.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';
import type { Chardev } from '../../../src/machine/chardev.ts';
import type { Declaration } from '../../../src/machine/engine.ts';
import type {
  ForwardedCommands,
  ForwardReply,
  ForwardRequest,
  Instance,
  InstanceEnd,
  InstanceHost,
} from '../../../src/machine/instance.ts';
import type { RunState } from '../../../src/machine/phase.ts';
import type { MachineEvent } from '../../../src/qmp/events/event.ts';
import type { Clock } from '../../../src/util/clock.ts';
import { type InstalledQemu, installedQemus } from './installed.ts';

export const clock: Clock = {
  realTimeUs: () => Date.now() * 1000,
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export const binaries: readonly InstalledQemu[] = installedQemus;

/** TCG everywhere, so that the tests need no /dev/kvm. */
export const tcg: JsonObject = { accel: [{ type: 'tcg' }] };

export class RecordingHost implements InstanceHost {
  readonly events: { name: string; data: JsonObject | undefined; line: string | undefined }[] = [];
  readonly runStates: RunState[] = [];
  readonly messages: string[] = [];
  readonly fdsets: Map<string, readonly number[]> = new Map();
  readonly end: Promise<InstanceEnd>;
  #ended: (end: InstanceEnd) => void = () => undefined;
  #waiting: { name: string; resolve: (data: JsonObject | undefined) => void }[] = [];

  constructor() {
    this.end = new Promise((resolve) => {
      this.#ended = resolve;
    });
  }

  event({ name, data, line }: MachineEvent): void {
    this.events.push({ name, data, line });
    for (const waiter of this.#waiting.filter((one) => one.name === name)) waiter.resolve(data);
    this.#waiting = this.#waiting.filter((one) => one.name !== name);
  }

  runState(state: RunState): void {
    this.runStates.push(state);
  }

  ended(end: InstanceEnd): void {
    this.#ended(end);
  }

  chardev(id: string): Promise<Chardev> {
    return Promise.reject(new Error(`no chardev ${id}`));
  }

  fdset(id: string): readonly number[] {
    return this.fdsets.get(id) ?? [];
  }

  log(message: string): void {
    this.messages.push(message);
  }

  /** The next event of that name. */
  next(name: string): Promise<JsonObject | undefined> {
    return new Promise((resolve) => this.#waiting.push({ name, resolve }));
  }
}

export interface Rig extends AsyncDisposable {
  readonly engine: QemuEngine;
  readonly host: RecordingHost;
  readonly directory: string;
  create(options: JsonObject, declarations?: readonly Declaration[]): Promise<Instance>;
  /** Directories of QEMU processes that are left, once the probe has ended. */
  leftovers(): Promise<string[]>;
}

export function rig(binary: string, options: Partial<QemuEngineOptions> = {}): Rig {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-test-'));
  const runtimeDirectory = path.join(directory, 'run');
  const host = new RecordingHost();
  const log = (message: string): void => host.log(message);
  const engine = new QemuEngine({
    binary,
    chardevTypes,
    runtimeDirectory,
    clock,
    log,
    declaring: declaringCommands,
    ...options,
  });
  const made: Instance[] = [];
  return {
    engine,
    host,
    directory,
    create: async (machineOptions, declarations = []) => {
      const machine = await engine.create({ options: machineOptions, declarations }, host);
      made.push(machine);
      return machine;
    },
    leftovers: async () => {
      await engine.close();
      return existsSync(runtimeDirectory) ? readdirSync(runtimeDirectory) : [];
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...made.map((machine) => machine.end()), engine.close()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The commands of a machine with a QMP server of its own. */
export function forwarded({ commands }: Instance): ForwardedCommands {
  assert(commands.kind === 'forwarded', 'the commands are forwarded');
  return commands;
}

export async function forward(
  machine: Instance,
  command: string,
  args?: JsonObject,
  more: Partial<ForwardRequest> = {},
): Promise<ForwardReply> {
  return await forwarded(machine).forward({
    session: 's1',
    ...readCommand(command, args),
    outOfBand: false,
    argumentsText: args === undefined ? undefined : print(args),
    fds: new Map(),
    ...more,
  });
}

/** The answer's value; throws when it is an error. */
export async function value(machine: Instance, command: string, args?: JsonObject): Promise<JsonValue> {
  const reply = await forward(machine, command, args);
  if (reply.kind === 'error') throw new Error(`${command}: ${String(reply.text)}`);
  return JSON.parse(String(reply.text)) as JsonValue;
}
