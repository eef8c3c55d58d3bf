// The engines that a process was started with, by their kits. The first kit whose engine is available is the one that an
// unset option `engine` means.

import { QmpError } from '../qmp/error.ts';
import { assert } from '../util/assert.ts';
import type { Engine, EngineKind, EngineKit, EngineParts, FoundInstance } from './engine.ts';
import type { EngineOptions } from './options.ts';

interface Entry {
  readonly kit: EngineKit;
  /** Undefined where it is not available, and why. */
  readonly engine: Engine | undefined;
  readonly missing: string;
}

export class EngineSet {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #default: EngineKind;

  /** At least one kit; those that are preferred come first. */
  constructor(kits: readonly EngineKit[], parts: EngineParts) {
    this.#entries = new Map(kits.map((kit) => [kit.kind, entryOf(kit, parts)]));
    const first = kits.find(({ kind }) => this.find(kind) !== undefined) ?? kits[0];
    assert(first !== undefined, 'a server has an engine');
    this.#default = first.kind;
  }

  get kinds(): readonly EngineKind[] {
    return [...this.#entries.values()].map(({ kit }) => kit.kind);
  }

  /** The engine that an unset `engine` option means. */
  get defaultKind(): EngineKind {
    return this.#default;
  }

  /** The engine of that name, as the option `engine` gives it; undefined for none of these. */
  kindOf(name: unknown): EngineKind | undefined {
    return typeof name === 'string' ? this.#entries.get(name)?.kit.kind : undefined;
  }

  /** What a kind knows about the options, even where its engine is not available. Throws a QmpError for an unknown kind. */
  options(kind: EngineKind): EngineOptions {
    return this.#entry(kind).kit.options;
  }

  /** What the commands of its machines will be. */
  commands(kind: EngineKind): EngineKit['commands'] {
    return this.#entry(kind).kit.commands;
  }

  find(kind: EngineKind): Engine | undefined {
    return this.#entries.get(kind)?.engine;
  }

  /** Throws a QmpError that says what is missing and how to get it. */
  get(kind: EngineKind): Engine {
    const { engine, missing } = this.#entry(kind);
    if (engine === undefined) throw new QmpError(missing);
    return engine;
  }

  /** What an earlier process left running, by the first engine that finds something. Rejects with a LocalError. */
  async resume(): Promise<FoundInstance | undefined> {
    for (const { engine } of this.#entries.values()) {
      const found = await engine?.resume?.();
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async close(): Promise<void> {
    for (const { engine } of this.#entries.values()) await engine?.close?.();
  }

  /** What is to be said of a name that `kindOf` does not know. */
  noSuch(name: unknown): QmpError {
    const names = this.kinds.map((kind) => `'${kind}'`).join(', ');
    return new QmpError(`Option 'engine': this server has no engine '${String(name)}', only ${names}`);
  }

  #entry(kind: EngineKind): Entry {
    const entry = this.#entries.get(kind);
    if (entry === undefined) throw this.noSuch(kind);
    return entry;
  }
}

function entryOf(kit: EngineKit, parts: EngineParts): Entry {
  const opened = kit.open(parts);
  return 'missing' in opened
    ? { kit, engine: undefined, missing: opened.missing }
    : { kit, engine: opened, missing: '' };
}
