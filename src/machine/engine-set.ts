// The engines that a process has, by kind: what the machine and the commands see of them.

import type { Engine, EngineKind } from './engine.ts';
import type { EngineOptions } from './options.ts';

/** The engines of this process. */
export interface EngineSet {
  readonly kinds: readonly EngineKind[];
  /** What a kind knows of the options, also where it cannot be had. */
  options(kind: EngineKind): EngineOptions;
  find(kind: EngineKind): Engine | undefined;
  /** Throws a QmpError that says what is missing and where it can be had. */
  get(kind: EngineKind): Engine;
}
