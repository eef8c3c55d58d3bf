// Which engines this process has: QEMU if a binary is found, and the embedded one always.

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { VersionInfo } from '../commands/context.ts';
import { declaringCommands } from '../commands/traits.ts';
import { type Attached, attach } from '../engines/attached/attach.ts';
import { createEmbeddedEngine } from '../engines/embedded/index.ts';
import { embeddedOptions } from '../engines/embedded/options.ts';
import type { FoundMachine } from '../engines/qemu/adoption/adoption.ts';
import { QemuEngine } from '../engines/qemu/engine.ts';
import { qemuOptions } from '../engines/qemu/options/engine-options.ts';
import { type PollingOptions, pollingDefault } from '../engines/upstream/polling.ts';
import type { Engine, EngineKind, ForwardReply } from '../machine/engine.ts';
import type { EngineSet } from '../machine/engine-set.ts';
import type { EngineOptions } from '../machine/options.ts';
import { QmpError } from '../qmp/error.ts';
import { messageOf } from '../util/local-error.ts';
import { systemClock } from './system-clock.ts';
import { followedRelease, versionInfo } from './version.ts';

export interface EnginesOptions {
  /** Path or name of a QEMU binary; undefined: `qemu-system-x86_64` in PATH, if it is there. */
  readonly qemuBinary?: string | undefined;
  /** Where QEMU processes get their sockets; made with mode 0700 when the first machine is. */
  readonly runtimeDirectory: string;
  /** Where a machine is remembered for a later process; undefined: nowhere. */
  readonly stateDirectory: string | undefined;
  /** See ServerOptions. */
  readonly stayAwakeUs: number | undefined;
  readonly log: (message: string) => void;
}

const defaultBinary = 'qemu-system-x86_64';

export class Engines implements EngineSet {
  readonly #embedded: Engine = createEmbeddedEngine();
  readonly #qemu: QemuEngine | undefined;
  readonly #missing: string;
  readonly #polling: PollingOptions;
  readonly #log: (message: string) => void;
  #attached: Attached | undefined;
  #attachedSchema: Promise<ForwardReply | undefined> | undefined;
  readonly #followedVersion: VersionInfo = versionInfo(followedRelease);
  #qemuVersion: VersionInfo = this.#followedVersion;

  constructor({ qemuBinary, runtimeDirectory, stateDirectory, stayAwakeUs, log }: EnginesOptions) {
    this.#log = log;
    this.#polling = stayAwakeUs === undefined ? pollingDefault : { limitUs: stayAwakeUs };
    const binary = findExecutable(qemuBinary ?? defaultBinary);
    this.#missing = `No QEMU was found at '${qemuBinary ?? defaultBinary}': install one, name it with --qemu BINARY, or set the option engine to 'embedded'`;
    this.#qemu =
      binary === undefined
        ? undefined
        : new QemuEngine({
            binary,
            runtimeDirectory,
            ...(stateDirectory === undefined ? {} : { stateDirectory }),
            clock: systemClock,
            declaring: declaringCommands,
            polling: this.#polling,
            log,
          });
  }

  /** The engine that an unset `engine` option means. */
  get defaultKind(): EngineKind {
    return this.#qemu === undefined ? 'embedded' : 'qemu';
  }

  /** The QEMU that is, or would be, behind a machine of this kind; the release that qmpd follows for one of ours. */
  versionOf(kind: EngineKind): VersionInfo {
    return kind === 'qemu' ? this.#qemuVersion : this.#followedVersion;
  }

  /** Asks the QEMU binary for its version, once, before clients are greeted with it. */
  async learnVersion(): Promise<void> {
    try {
      const version = await this.#qemu?.versionInfo();
      if (version !== undefined) this.#qemuVersion = versionInfo(version.qemu, version.package);
    } catch (thrown) {
      this.#log(`the QEMU binary is of no use: ${messageOf(thrown)}`);
    }
  }

  /** The machine of an earlier process, if it still runs; rejects with a LocalError when that cannot be told. */
  async findMachine(): Promise<FoundMachine | undefined> {
    return await this.#qemu?.find();
  }

  /** From now on the QEMU behind is one that somebody else started. Rejects with a LocalError. */
  async attach(address: string): Promise<Attached> {
    const server = await attach({ address, clock: systemClock, polling: this.#polling, log: this.#log });
    this.#attached = server;
    this.#qemuVersion = versionInfo(server.greeting.version, server.greeting.package);
    return server;
  }

  /** The answer to `query-qmp-schema` of the QEMU that is, or would be, behind a machine of this kind. */
  async schemaOf(kind: EngineKind): Promise<ForwardReply | undefined> {
    if (this.#attached !== undefined) {
      this.#attachedSchema ??= this.#attached.schema();
      return await this.#attachedSchema;
    }
    return await this.find(kind)?.answerBlank?.('query-qmp-schema', undefined);
  }

  async close(): Promise<void> {
    await this.#qemu?.close();
  }

  get kinds(): readonly EngineKind[] {
    return ['qemu', 'embedded'];
  }

  options(kind: EngineKind): EngineOptions {
    return kind === 'qemu' ? qemuOptions : embeddedOptions;
  }

  find(kind: EngineKind): Engine | undefined {
    return kind === 'embedded' ? this.#embedded : this.#qemu;
  }

  /** Throws a QmpError that says what is missing and where it can be had. */
  get(kind: EngineKind): Engine {
    const engine = this.find(kind);
    if (engine === undefined) throw new QmpError(this.#missing);
    return engine;
  }
}

/** A path as it is, a name by way of PATH; undefined when nothing executable is there. */
function findExecutable(name: string): string | undefined {
  const folders = name.includes('/') ? [''] : (process.env.PATH ?? '').split(':');
  return folders
    .map((folder) => path.join(folder, name))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
