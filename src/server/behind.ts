// What the server says about the QEMU that is, or would be, behind it: the version in its greeting, and the schema with
// that QEMU's commands. An engine tells it for the machines that it makes; an attached instance tells it for itself.

import type { SchemaView, VersionInfo } from '../commands/context.ts';
import { SchemaViews } from '../commands/schema-views.ts';
import type { EngineKind } from '../machine/engine.ts';
import type { EngineSet } from '../machine/engine-set.ts';
import type { ServerBehind } from '../machine/instance.ts';
import type { Life } from '../machine/life.ts';
import { messageOf } from '../util/local-error.ts';
import { followedRelease, versionInfo } from './version.ts';

export class Behind {
  readonly #engines: EngineSet;
  readonly #schemas: SchemaViews = new SchemaViews();
  readonly #followed: VersionInfo = versionInfo(followedRelease);
  readonly #versions: Map<EngineKind, VersionInfo> = new Map();
  /** Kept after its instance has ended: its sessions still read of it. */
  #about: ServerBehind | undefined;

  constructor(engines: EngineSet) {
    this.#engines = engines;
  }

  /** Asks each engine for its version, once, before clients are greeted with it. */
  async learnVersions(log: (message: string) => void): Promise<void> {
    for (const kind of this.#engines.kinds) {
      try {
        const version = await this.#engines.find(kind)?.version?.();
        if (version !== undefined) this.#versions.set(kind, versionInfo(version.qemu, version.package));
      } catch (thrown) {
        log(`the engine '${kind}' cannot be used: ${messageOf(thrown)}`);
      }
    }
  }

  /** The release that qmpd follows where there is no other one. */
  version(machine: Life): VersionInfo {
    this.#lookAt(machine);
    return this.#versions.get(machine.engineKind) ?? this.#followed;
  }

  async schema(machine: Life): Promise<SchemaView> {
    const about = this.#lookAt(machine);
    const engine = this.#engines.find(machine.engineKind);
    const theirs =
      about === undefined ? engine?.answerBlank?.('query-qmp-schema', undefined) : about.schema();
    return this.#schemas.of(await theirs);
  }

  #lookAt({ engineKind, instance }: Life): ServerBehind | undefined {
    const about = instance?.about;
    if (about !== undefined && about !== this.#about) {
      this.#about = about;
      this.#versions.set(engineKind, versionInfo(about.release, about.package));
    }
    return this.#about;
  }
}
