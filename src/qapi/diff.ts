// What changed between two schemas, told by what a client can see: commands, events, and the members and values that
// can be reached from them. Names of types play no part, so schemas that were read from introspection can be
// compared with each other and with compiled ones.
// A change is breaking when a client that fits the old schema may not fit the new one (qapi-code-gen.rst,
// "Compatibility considerations"): what is sent must stay acceptable, what is received must still be there.

import type {
  AlternateType,
  Command,
  EnumType,
  Feature,
  Member,
  ObjectType,
  Schema,
  TypeRef,
} from './schema.ts';
import { emptyTypeName } from './schema.ts';
import { elementTypeOf, SchemaIndex } from './schema-index.ts';
import type { WireKind } from './wire-kind.ts';
import { wireKindOf } from './wire-kind.ts';

export interface SchemaChange {
  /** From the command or event down to the part: `command blockdev-add`, `argument driver`, `value 'ssh'`. */
  readonly place: readonly string[];
  /** In words: `came`, `went`, `became deprecated`, `became optional`, `changed from string to integer`. */
  readonly what: string;
  readonly breaking: boolean;
}

/** Whether a client sends a value or gets it. */
type Direction = 'sent' | 'received';

type Place = readonly string[];

interface Named {
  readonly name: string;
  readonly features?: readonly Feature[];
}

/** Names in either list, the old ones first. */
function pairs<Part extends Named>(
  before: readonly Part[],
  after: readonly Part[],
): { name: string; before: Part | undefined; after: Part | undefined }[] {
  const old = new Map(before.map((part) => [part.name, part]));
  const now = new Map(after.map((part) => [part.name, part]));
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names].map((name) => ({ name, before: old.get(name), after: now.get(name) }));
}

class Differ {
  readonly changes: SchemaChange[] = [];
  readonly #before: SchemaIndex;
  readonly #after: SchemaIndex;
  readonly #compared = new Set<string>();

  constructor(before: Schema, after: Schema) {
    this.#before = new SchemaIndex(before);
    this.#after = new SchemaIndex(after);
  }

  run(): void {
    for (const pair of pairs(this.#before.commands(), this.#after.commands())) this.#command(pair);
    for (const pair of pairs(this.#before.events(), this.#after.events())) {
      const place = [`event ${pair.name}`];
      if (!this.#cameOrWent(place, pair.before, pair.after, { went: true })) continue;
      this.#types(
        place,
        'received',
        pair.before?.data ?? emptyTypeName,
        pair.after?.data ?? emptyTypeName,
        'data',
      );
    }
  }

  #add(place: Place, what: string, breaking = false): void {
    this.changes.push({ place, what, breaking });
  }

  /** True when the part is in both; else tells which. */
  #cameOrWent(
    place: Place,
    before: Named | undefined,
    after: Named | undefined,
    breaking: { came?: boolean; went?: boolean },
  ): boolean {
    if (before === undefined) {
      const marks = (after?.features ?? []).map((feature) => feature.name);
      this.#add(place, marks.length === 0 ? 'came' : `came (${marks.join(', ')})`, breaking.came ?? false);
    } else if (after === undefined) {
      this.#add(place, 'went', breaking.went ?? false);
    } else {
      this.#features(place, before, after);
      return true;
    }
    return false;
  }

  #features(
    place: Place,
    before: { features?: readonly Feature[] },
    after: { features?: readonly Feature[] },
  ): void {
    for (const pair of pairs(before.features ?? [], after.features ?? [])) {
      const special = pair.name === 'deprecated' || pair.name === 'unstable';
      const is = special ? pair.name : `marked '${pair.name}'`;
      if (pair.before === undefined) this.#add(place, `became ${is}`);
      else if (pair.after === undefined) this.#add(place, `is no longer ${is}`, !special);
    }
  }

  #command(pair: { name: string; before: Command | undefined; after: Command | undefined }): void {
    const { before, after } = pair;
    const place = [`command ${pair.name}`];
    if (!this.#cameOrWent(place, before, after, { went: true })) return;
    if (before?.allowOob !== after?.allowOob) {
      this.#add(
        place,
        after?.allowOob ? 'can now run out of band' : 'can no longer run out of band',
        !after?.allowOob,
      );
    }
    this.#types(
      place,
      'sent',
      before?.arguments ?? emptyTypeName,
      after?.arguments ?? emptyTypeName,
      'argument',
    );
    this.#types(
      place,
      'received',
      before?.returns ?? emptyTypeName,
      after?.returns ?? emptyTypeName,
      'result',
    );
  }

  /** `role` is what a member of the outermost object is called. */
  #types(place: Place, direction: Direction, before: TypeRef, after: TypeRef, role = 'member'): void {
    // A pair of types is compared where it is first met.
    const key = `${direction} ${before} ${after}`;
    if (this.#compared.has(key)) return;
    this.#compared.add(key);
    const oldElement = elementTypeOf(before);
    const newElement = elementTypeOf(after);
    if (oldElement !== undefined && newElement !== undefined) {
      this.#types(place, direction, oldElement, newElement, role);
      return;
    }
    const old = oldElement === undefined ? this.#before.type(before) : undefined;
    const now = newElement === undefined ? this.#after.type(after) : undefined;
    if (old?.kind === 'enum' && now?.kind === 'enum') this.#enums(place, direction, old, now);
    else if (old?.kind === 'object' && now?.kind === 'object')
      this.#objects(place, direction, old, now, role);
    else if (old?.kind === 'alternate' || now?.kind === 'alternate') {
      this.#alternates(place, direction, { ref: before, type: old }, { ref: after, type: now });
    } else {
      const from = this.#describe(this.#before, before);
      const to = this.#describe(this.#after, after);
      if (from !== to) this.#add(place, `changed from ${from} to ${to}`, true);
    }
  }

  #describe(index: SchemaIndex, ref: TypeRef): string {
    const element = elementTypeOf(ref);
    if (element !== undefined) return `list of ${this.#describe(index, element)}`;
    const type = index.type(ref);
    if (type !== undefined) return type.kind;
    if (/^(u?int\d*|size)$/.test(ref)) return 'integer';
    return ref === 'str' ? 'string' : ref === 'bool' ? 'boolean' : ref;
  }

  #enums(place: Place, direction: Direction, before: EnumType, after: EnumType): void {
    for (const pair of pairs(before.values, after.values)) {
      const at = [...place, `value '${pair.name}'`];
      this.#cameOrWent(at, pair.before, pair.after, { went: direction === 'sent' });
    }
  }

  #objects(place: Place, direction: Direction, before: ObjectType, after: ObjectType, role: string): void {
    this.#features(place, before, after);
    for (const pair of pairs(this.#before.membersOf(before), this.#after.membersOf(after))) {
      this.#member([...place, `${role} ${pair.name}`], direction, pair.before, pair.after);
    }
    if (before.tag !== after.tag) {
      if (before.tag !== undefined) this.#add(place, `no longer depends on '${before.tag}'`, true);
      if (after.tag !== undefined) this.#add(place, `now depends on '${after.tag}'`, true);
      return;
    }
    // A branch whose tag value came or went is told of there.
    const now = new Map(this.#after.branchesOf(after).map((branch) => [branch.name, branch.type]));
    for (const { name, type } of this.#before.branchesOf(before)) {
      const other = now.get(name);
      if (other !== undefined)
        this.#types([...place, `with ${before.tag} '${name}'`], direction, type, other);
    }
  }

  #member(place: Place, direction: Direction, before: Member | undefined, after: Member | undefined): void {
    const came = direction === 'sent' && after?.optional !== true;
    if (!this.#cameOrWent(place, before, after, { came, went: true })) return;
    if (before === undefined || after === undefined) return;
    if (before.optional !== after.optional) {
      if (after.optional) this.#add(place, 'became optional', direction === 'received');
      else this.#add(place, 'became mandatory', direction === 'sent');
    }
    this.#types(place, direction, before.type, after.type);
  }

  #kinds(
    index: SchemaIndex,
    ref: TypeRef,
    type: AlternateType | undefined,
  ): ReadonlyMap<WireKind | 'any', TypeRef> {
    if (type === undefined) return new Map([[wireKindOf(index, ref) ?? 'any', ref]]);
    return new Map(type.alternatives.map((each) => [wireKindOf(index, each.type) ?? 'any', each.type]));
  }

  #alternates(
    place: Place,
    direction: Direction,
    before: { ref: TypeRef; type: ReturnType<SchemaIndex['type']> },
    after: { ref: TypeRef; type: ReturnType<SchemaIndex['type']> },
  ): void {
    const alternate = (type: typeof before.type) => (type?.kind === 'alternate' ? type : undefined);
    const old = this.#kinds(this.#before, before.ref, alternate(before.type));
    const now = this.#kinds(this.#after, after.ref, alternate(after.type));
    for (const [kind, ref] of old) {
      const other = now.get(kind);
      if (other === undefined) this.#add(place, `can no longer be ${kind}`, direction === 'sent');
      else this.#types(place, direction, ref, other);
    }
    for (const kind of now.keys()) {
      if (!old.has(kind)) this.#add(place, `can now be ${kind} too`, direction === 'received');
    }
  }
}

/** The changes from `before` to `after`, commands first, then events, each in the order of the old schema. */
export function diffSchemas(before: Schema, after: Schema): SchemaChange[] {
  const differ = new Differ(before, after);
  differ.run();
  return differ.changes;
}

/** One line: `command blockdev-add, argument driver, value 'ssh': went (breaking)`. */
export function changeText(change: SchemaChange): string {
  return `${change.place.join(', ')}: ${change.what}${change.breaking ? ' (breaking)' : ''}`;
}
