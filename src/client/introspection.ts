// What a server says about its own commands (`query-qmp-schema`), made ready to look things up: for completion and for
// the meaning of bare words in the shell. Type names are masked by the server ("123"); only structure counts here.
// (QEMU: qapi/introspect.json.)

import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { WordType } from './notation/values.ts';

/** A member of an object type. */
export interface SchemaMember {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
}

/** What may stand at a place: these keys, or these words, or text of this type. */
export interface SchemaPlace {
  readonly members: readonly SchemaMember[];
  readonly words: readonly string[];
  readonly wordType: WordType | undefined;
}

/** Gives the text written at another place of the same command, for unions. */
export type WrittenAt = (keys: readonly string[]) => string | undefined;

/** Alternates and unions nest; a schema that nests deeper than this is not followed. */
const depthMax = 32;

export class Introspection {
  readonly #entities = new Map<string, JsonObject>();
  readonly #commands: readonly string[];
  readonly #events: readonly string[];

  /** `schema` is the answer to `query-qmp-schema`; entries that cannot be understood are left out. */
  constructor(schema: JsonValue) {
    for (const entity of Array.isArray(schema) ? schema : []) {
      if (isJsonObject(entity) && typeof entity.name === 'string') this.#entities.set(entity.name, entity);
    }
    this.#commands = this.#named('command');
    this.#events = this.#named('event');
  }

  /** Sorted. */
  get commands(): readonly string[] {
    return this.#commands;
  }

  /** Sorted. */
  get events(): readonly string[] {
    return this.#events;
  }

  has(command: string): boolean {
    return this.#entities.get(command)?.['meta-type'] === 'command';
  }

  /** True for a command that may be sent out-of-band. */
  allowsOutOfBand(command: string): boolean {
    return this.#entities.get(command)?.['allow-oob'] === true;
  }

  /** What may stand at a place in the arguments of a command; no keys is the arguments object itself. */
  place(command: string, keys: readonly string[], written: WrittenAt): SchemaPlace {
    const entity = this.#entities.get(command);
    if (!this.has(command) || entity === undefined) return nothing;
    let type = nameOf(entity['arg-type']);
    for (const [index, key] of keys.entries()) {
      type = this.#memberType(type, key, keys.slice(0, index), written, 0);
      if (type === undefined) return nothing;
    }
    return this.#placeOf(type, keys, written, 0);
  }

  /** The type of a member in words, for help: "str", "int", "[str]", "enum", "object". */
  describe(type: string): string {
    const entity = this.#entities.get(type);
    switch (entity?.['meta-type']) {
      case 'builtin':
        return type;
      case 'array':
        return `[${this.describe(nameOf(entity['element-type']) ?? '')}]`;
      case 'enum':
        return wordsOf(entity).join('|');
      default:
        return String(entity?.['meta-type'] ?? 'any');
    }
  }

  #named(metaType: string): string[] {
    return [...this.#entities]
      .filter(([, entity]) => entity['meta-type'] === metaType)
      .map(([name]) => name)
      .sort();
  }

  #memberType(
    type: string | undefined,
    key: string,
    prefix: readonly string[],
    written: WrittenAt,
    depth: number,
  ): string | undefined {
    const entity = type === undefined ? undefined : this.#entities.get(type);
    if (entity === undefined || depth > depthMax) return undefined;
    switch (entity['meta-type']) {
      case 'array':
        return /^\d+$/.test(key) ? nameOf(entity['element-type']) : undefined;
      case 'object':
        return this.#members(entity, prefix, written, depth).find((member) => member.name === key)?.type;
      case 'alternate':
        for (const branch of alternatives(entity)) {
          const found = this.#memberType(branch, key, prefix, written, depth + 1);
          if (found !== undefined) return found;
        }
        return undefined;
      default:
        return undefined;
    }
  }

  #placeOf(
    type: string | undefined,
    keys: readonly string[],
    written: WrittenAt,
    depth: number,
  ): SchemaPlace {
    const entity = type === undefined ? undefined : this.#entities.get(type);
    if (entity === undefined || depth > depthMax) return nothing;
    switch (entity['meta-type']) {
      case 'builtin':
        return builtinPlace(nameOf(entity['json-type']) ?? '');
      case 'enum':
        return { members: [], words: wordsOf(entity), wordType: 'string' };
      case 'object':
        return { members: this.#members(entity, keys, written, depth), words: [], wordType: undefined };
      case 'array':
        return listPlace(nameOf(entity['element-type']) ?? '');
      case 'alternate':
        return merged(alternatives(entity).map((branch) => this.#placeOf(branch, keys, written, depth + 1)));
      default:
        return nothing;
    }
  }

  /** The members of an object type, with those of the union branch that its tag has chosen. */
  #members(entity: JsonObject, prefix: readonly string[], written: WrittenAt, depth: number): SchemaMember[] {
    const members = asArray(entity.members).flatMap(memberOf);
    const tag = nameOf(entity.tag);
    if (tag === undefined || depth > depthMax) return members;
    const chosen = written([...prefix, tag]);
    const branch = asArray(entity.variants).find(
      (variant) => isJsonObject(variant) && variant.case === chosen,
    );
    const type = isJsonObject(branch) ? nameOf(branch.type) : undefined;
    const branchEntity = type === undefined ? undefined : this.#entities.get(type);
    if (branchEntity === undefined) return members;
    return [...members, ...this.#members(branchEntity, prefix, written, depth + 1)];
  }
}

const nothing: SchemaPlace = { members: [], words: [], wordType: undefined };

const builtinWordTypes: ReadonlyMap<string, WordType> = new Map([
  ['string', 'string'],
  ['int', 'integer'],
  ['number', 'number'],
  ['boolean', 'boolean'],
]);

function builtinPlace(jsonType: string): SchemaPlace {
  const words = jsonType === 'boolean' ? ['true', 'false'] : [];
  return { members: [], words, wordType: builtinWordTypes.get(jsonType) };
}

/** In a list the next key is an index. */
function listPlace(elementType: string): SchemaPlace {
  return { members: [{ name: '0', type: elementType, optional: false }], words: [], wordType: undefined };
}

/** A bare word has a meaning at an alternate when only one of its branches takes words. */
function merged(places: readonly SchemaPlace[]): SchemaPlace {
  const types = new Set(places.flatMap((place) => place.wordType ?? []));
  return {
    members: places.flatMap((place) => place.members),
    words: places.flatMap((place) => place.words),
    wordType: types.size === 1 ? [...types][0] : undefined,
  };
}

function memberOf(value: JsonValue): SchemaMember[] {
  if (!isJsonObject(value)) return [];
  const { name, type } = value;
  if (typeof name !== 'string' || typeof type !== 'string') return [];
  return [{ name, type, optional: 'default' in value }];
}

function alternatives(entity: JsonObject): string[] {
  return asArray(entity.members).flatMap((member) =>
    isJsonObject(member) ? (nameOf(member.type) ?? []) : [],
  );
}

function wordsOf(entity: JsonObject): string[] {
  const members = asArray(entity.members).flatMap((member) =>
    isJsonObject(member) ? (nameOf(member.name) ?? []) : [],
  );
  // `values` is the older list; QEMU still sends both.
  return members.length > 0 ? members : asArray(entity.values).filter((value) => typeof value === 'string');
}

function nameOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asArray(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
