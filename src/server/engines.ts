// Which engines this process has: a QEMU binary if one is found, and the embedded one always.

import type { VersionInfo } from '../commands/context.ts';
import { createEmbeddedEngine } from '../engines/embedded/index.ts';
import type { Declaration, Engine, EngineKind } from '../machine/engine.ts';
import { QmpError } from '../qmp/error.ts';
import { followedRelease, versionInfo } from './version.ts';

export class Engines {
  readonly #embedded: Engine = createEmbeddedEngine();
  readonly #version: VersionInfo = versionInfo(followedRelease);

  get defaultKind(): EngineKind {
    return 'embedded';
  }

  get version(): VersionInfo {
    return this.#version;
  }

  get(kind: EngineKind): Engine {
    if (kind === 'embedded') return this.#embedded;
    throw new QmpError(
      "No QEMU binary was found: install one, or name it with --qemu, or set engine to 'embedded'",
    );
  }

  async checkDeclaration(kind: EngineKind, declaration: Declaration): Promise<void> {
    await this.get(kind).checkDeclaration?.(declaration);
  }
}
