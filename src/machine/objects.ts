// The objects that clients make in this process with `object-add`. Most are records that others look up by id
// (credentials, secrets); a type with a maker here comes to life: a QMP server on an address, a monitor on a chardev.

import type { JsonObject } from '../json/value.ts';
import { QmpError } from '../qmp/error.ts';
import type { DescriptorSource } from './chardev.ts';

/** The objects that live in this process (`object-add`); those of the machine are the engine's. */
export interface ObjectSet {
  readonly ids: Iterable<string>;
  get(id: string): OwnObject | undefined;
  /** True for the types that this process makes itself. */
  isOwnType(type: string): boolean;
  /** `fds`: where a descriptor that the properties name is taken from. */
  add(id: string, type: string, properties: JsonObject, fds: DescriptorSource): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface OwnObject {
  readonly type: string;
  readonly properties: JsonObject;
}

/** Ends what the object does; resolves when nothing of it is left. */
export type EndObject = () => Promise<void>;

export type ObjectMaker = (id: string, properties: JsonObject, fds: DescriptorSource) => Promise<EndObject>;

/** Objects at once; a further object-add is refused. */
const objectsMax = 4096;

/** Types whose objects only hold what others look up. */
const recordTypes: ReadonlySet<string> = new Set([
  'secret',
  'tls-creds-anon',
  'tls-creds-psk',
  'tls-creds-x509',
  'authz-list',
  'authz-listfile',
  'authz-simple',
]);

interface Entry extends OwnObject {
  readonly end: EndObject;
}

export class Objects implements ObjectSet {
  readonly #entries: Map<string, Entry> = new Map();
  readonly #makers: ReadonlyMap<string, ObjectMaker>;

  constructor(makers: ReadonlyMap<string, ObjectMaker>) {
    this.#makers = makers;
  }

  get ids(): Iterable<string> {
    return this.#entries.keys();
  }

  get(id: string): OwnObject | undefined {
    return this.#entries.get(id);
  }

  isOwnType(type: string): boolean {
    return recordTypes.has(type) || this.#makers.has(type);
  }

  async add(id: string, type: string, properties: JsonObject, fds: DescriptorSource): Promise<void> {
    if (this.#entries.size >= objectsMax) throw new QmpError(`There are ${objectsMax} objects already`);
    const entry: Entry = { type, properties, end: async () => undefined };
    this.#entries.set(id, entry);
    try {
      const end = await this.#makers.get(type)?.(id, properties, fds);
      if (this.#entries.get(id) !== entry) {
        await end?.();
        throw new QmpError(`object '${id}' was deleted while it was being made`);
      }
      if (end !== undefined) this.#entries.set(id, { ...entry, end });
    } catch (thrown) {
      if (this.#entries.get(id) === entry) this.#entries.delete(id);
      throw thrown;
    }
  }

  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new QmpError(`object '${id}' not found`);
    this.#entries.delete(id);
    await entry.end();
  }

  async removeAll(): Promise<void> {
    for (const id of [...this.#entries.keys()].reverse()) await this.remove(id);
  }
}
