// A type that takes what either of two takes: QEMU's, with what qmpd adds to it. For the arguments of commands that
// are QEMU's to answer, but where qmpd knows further values, such as types of objects that live in qmpd itself.

import type {
  AlternateType,
  Branch,
  EnumType,
  Member,
  ObjectType,
  TypeDefinition,
  TypeRef,
} from '../schema.ts';
import { arrayOf, elementTypeOf, type SchemaIndex } from '../schema-index.ts';
import type { WireKind } from '../wire-kind.ts';
import { wireKindOf } from '../wire-kind.ts';

/** Two types of the same kind; `theirs` is what is extended. */
interface Pair<Type> {
  readonly own: Type;
  readonly theirs: Type;
}

/** Makes extended types of one schema in which both sides' types are defined. */
export class TypeExtender {
  /** The types made so far, to be added to the schema. */
  readonly made: TypeDefinition[] = [];
  readonly #index: SchemaIndex;
  readonly #names = new Map<string, string>();

  constructor(index: SchemaIndex) {
    this.#index = index;
  }

  /** `theirs` itself where `own` adds nothing to it, or is of another kind altogether. */
  extend(own: TypeRef, theirs: TypeRef): TypeRef {
    if (!this.#adds(own, theirs, new Set())) return theirs;
    const [ownElement, theirElement] = [elementTypeOf(own), elementTypeOf(theirs)];
    if (ownElement !== undefined && theirElement !== undefined) {
      return arrayOf(this.extend(ownElement, theirElement));
    }
    const key = `${own} ${theirs}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `extended:${this.#names.size}`;
    // Known before it is made: types contain themselves.
    this.#names.set(key, name);
    const type = this.#combined(own, theirs, name);
    if (type !== undefined) this.made.push(type);
    return name;
  }

  #pair<Kind extends TypeDefinition['kind']>(
    kind: Kind,
    own: TypeRef,
    theirs: TypeRef,
  ): Pair<Extract<TypeDefinition, { kind: Kind }>> | undefined {
    const [first, second] = [this.#typeOf(own), this.#typeOf(theirs)];
    if (first?.kind !== kind || second?.kind !== kind) return undefined;
    type Found = Extract<TypeDefinition, { kind: Kind }>;
    return { own: first as Found, theirs: second as Found };
  }

  #typeOf(ref: TypeRef): TypeDefinition | undefined {
    return elementTypeOf(ref) === undefined ? this.#index.type(ref) : undefined;
  }

  /** Whether `own` takes anything that `theirs` does not. A pair that is being looked at adds nothing by itself. */
  #adds(own: TypeRef, theirs: TypeRef, seen: Set<string>): boolean {
    const key = `${own} ${theirs}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const [ownElement, theirElement] = [elementTypeOf(own), elementTypeOf(theirs)];
    if (ownElement !== undefined && theirElement !== undefined) {
      return this.#adds(ownElement, theirElement, seen);
    }
    const enums = this.#pair('enum', own, theirs);
    if (enums !== undefined) return extraOf(enums.own.values, enums.theirs.values).length > 0;
    const objects = this.#pair('object', own, theirs);
    if (objects !== undefined) {
      const [ownParts, theirParts] = [this.#partsOf(objects.own), this.#partsOf(objects.theirs)];
      return this.#partsAdd(ownParts, theirParts, seen);
    }
    const alternates = this.#pair('alternate', own, theirs);
    if (alternates === undefined) return false;
    return this.#partsAdd(this.#byKind(alternates.own), this.#byKind(alternates.theirs), seen);
  }

  #partsAdd(own: readonly Branch[], theirs: readonly Branch[], seen: Set<string>): boolean {
    if (extraOf(own, theirs).length > 0) return true;
    const types = new Map(theirs.map((part) => [part.name, part.type]));
    return own.some((part) => this.#adds(part.type, types.get(part.name) ?? part.type, seen));
  }

  /** Members and branches in one list; the names of branches get a mark, so that they stay apart. */
  #partsOf(type: ObjectType): readonly Branch[] {
    const members = this.#index.membersOf(type).map(({ name, type: ref }) => ({ name, type: ref }));
    const branches = this.#index.branchesOf(type).map((branch) => ({ ...branch, name: `=${branch.name}` }));
    return [...members, ...branches];
  }

  #byKind(type: AlternateType): readonly Branch[] {
    return type.alternatives.map((alternative): Branch => {
      const kind: WireKind | undefined = wireKindOf(this.#index, alternative.type);
      return { ...alternative, name: kind ?? alternative.name };
    });
  }

  #combined(own: TypeRef, theirs: TypeRef, name: string): TypeDefinition | undefined {
    const enums = this.#pair('enum', own, theirs);
    if (enums !== undefined) return this.#enum(enums, name);
    const objects = this.#pair('object', own, theirs);
    if (objects !== undefined) return this.#object(objects, name);
    const alternates = this.#pair('alternate', own, theirs);
    if (alternates === undefined) return undefined;
    const alternatives = this.#extendParts(this.#byKind(alternates.own), this.#byKind(alternates.theirs));
    return { ...alternates.theirs, name, alternatives };
  }

  #enum({ own, theirs }: Pair<EnumType>, name: string): EnumType {
    return { ...theirs, name, values: [...theirs.values, ...extraOf(own.values, theirs.values)] };
  }

  #object({ own, theirs }: Pair<ObjectType>, name: string): ObjectType {
    const theirMembers = this.#index.membersOf(theirs);
    const ownMembers = this.#index.membersOf(own);
    const extra = extraOf(ownMembers, theirMembers).map((member): Member => ({ ...member, optional: true }));
    const members = [...this.#extendParts(ownMembers, theirMembers, false), ...extra];
    const { base: _, ...rest } = theirs;
    if (theirs.tag === undefined) return { ...rest, name, members };
    const ownBranches = own.tag === theirs.tag ? this.#index.branchesOf(own) : [];
    return {
      ...rest,
      name,
      members,
      branches: this.#extendParts(ownBranches, this.#index.branchesOf(theirs)),
    };
  }

  /** QEMU's parts, each extended by qmpd's part of the same name, then the parts that only qmpd has. */
  #extendParts<Part extends Branch>(own: readonly Part[], theirs: readonly Part[], withExtra = true): Part[] {
    const types = new Map(own.map((part) => [part.name, part.type]));
    const extended = theirs.map((part) => ({
      ...part,
      type: this.extend(types.get(part.name) ?? part.type, part.type),
    }));
    return withExtra ? [...extended, ...extraOf(own, theirs)] : extended;
  }
}

function extraOf<Part extends { readonly name: string }>(
  own: readonly Part[],
  theirs: readonly Part[],
): Part[] {
  const known = new Set(theirs.map((part) => part.name));
  return own.filter((part) => !known.has(part.name));
}
