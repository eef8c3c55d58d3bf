// The configuration of the machine that runs, on the disk: what a server that starts after this one has died goes on with.
// Each change is a record of what is new in it (journal.ts). Descriptors are not kept: no later process has them.

import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import type { Configuration } from '../../machine/configuration/configuration.ts';
import type { Declaration, MachineConfiguration } from '../../machine/engine.ts';
import { type DeclaredKind, declaredKinds } from '../../qmp/traits.ts';
import type { Journal } from './journal.ts';

export interface Kept {
  readonly configuration: MachineConfiguration;
  /** What the machine runs with; what differs from the configuration is pending. */
  readonly running: JsonObject;
}

/** Where the order of the keys is written, when it is another one than that in which they came. */
const orderKey = 'order';

export class KeptConfiguration {
  readonly #journal: Journal;
  readonly #configuration: Configuration;
  #version: number;
  /** What was written of each key last: values are compared by identity. */
  readonly #written: Map<string, JsonValue> = new Map();
  /** The keys of the list that was written last. */
  #ordered: ReadonlySet<string> = new Set();

  constructor(journal: Journal, configuration: Configuration) {
    this.#journal = journal;
    this.#configuration = configuration;
    this.#version = configuration.version;
  }

  /** What an earlier server has left, and this one goes on with; undefined when it had no machine. */
  read(): Kept | undefined {
    for (const [key, value] of this.#journal.entries) if (key !== orderKey) this.#written.set(key, value);
    const options = members(this.#journal, 'option');
    const running = members(this.#journal, 'running');
    if (this.#journal.get('machine') !== true) return undefined;
    const order = this.#journal.get(orderKey);
    const listed = Array.isArray(order) ? order.map(String) : [];
    this.#ordered = new Set(listed);
    const keys = new Set([...listed, ...this.#journal.entries.keys()]);
    const declarations = [...keys]
      .map((key): [string, JsonValue] => [key, this.#journal.get(key) ?? null])
      .map(([key, value]) => declarationOf(key, value))
      .filter((declaration) => declaration !== undefined);
    return { configuration: { options, declarations }, running };
  }

  /**
   * Writes what has changed. Undefined when nothing has; otherwise resolves when it is on the disk, and rejects with a
   * LocalError when it cannot be written: it is tried again with the next change.
   */
  keep(): Promise<void> | undefined {
    const { version } = this.#configuration;
    if (version === this.#version) return undefined;
    this.#version = version;
    const wanted = this.#wanted();
    const changes = new Map<string, JsonValue | undefined>();
    this.#keepOrder(wanted, changes);
    for (const key of this.#written.keys()) if (!wanted.has(key)) changes.set(key, undefined);
    for (const [key, value] of wanted) if (this.#written.get(key) !== value) changes.set(key, value);
    this.#written.clear();
    for (const [key, value] of wanted) this.#written.set(key, value);
    return changes.size === 0 ? undefined : this.#journal.change(changes);
  }

  /** A key that stays keeps its place, and a new one comes last; any other order is written down as a list. */
  #keepOrder(wanted: ReadonlyMap<string, JsonValue>, changes: Map<string, JsonValue | undefined>): void {
    const keys = [...wanted.keys()];
    const staying = [...this.#written.keys()].filter((key) => wanted.has(key));
    const coming = keys.filter((key) => !this.#written.has(key));
    const natural = [...staying, ...coming];
    const isNatural = keys.every((key, index) => key === natural[index]);
    if (isNatural && !coming.some((key) => this.#ordered.has(key))) return;
    this.#ordered = new Set(keys);
    changes.set(orderKey, keys);
  }

  /** There is no machine, whatever an earlier server wrote. */
  async forget(): Promise<void> {
    this.#written.clear();
    this.#ordered = new Set();
    const keys = [...this.#journal.entries.keys()];
    if (keys.length > 0) await this.#journal.change(new Map(keys.map((key) => [key, undefined])));
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  /** By key, what is to be there; empty while there is no machine. */
  #wanted(): Map<string, JsonValue> {
    const configuration = this.#configuration;
    const wanted = new Map<string, JsonValue>();
    if (!configuration.isRunning) return wanted;
    wanted.set('machine', true);
    for (const name of configuration.optionNames)
      wanted.set(`option ${name}`, configuration.get(name) ?? null);
    for (const [name, value] of Object.entries(configuration.runningOptions))
      wanted.set(`running ${name}`, value);
    for (const { kind, id, arguments: args } of configuration.declarations) wanted.set(`${kind} ${id}`, args);
    return wanted;
  }
}

function members(journal: Journal, prefix: string): JsonObject {
  const found = [...journal.entries].filter(([key]) => key.startsWith(`${prefix} `));
  return jsonObject(Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length + 1), value])));
}

function declarationOf(key: string, value: JsonValue): Declaration | undefined {
  const blank = key.indexOf(' ');
  const kind = declaredKinds.find((each): each is DeclaredKind => each === key.slice(0, blank));
  return kind === undefined || !isJsonObject(value)
    ? undefined
    : { kind, id: key.slice(blank + 1), arguments: value };
}
