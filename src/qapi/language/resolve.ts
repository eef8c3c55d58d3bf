// The rules that need more than one definition: types exist, members do not collide, unions have proper tags,
// alternates can be told apart, documentation describes what is there. Definitions are checked in schema order, a
// type before the one that needs it, so that the first fault is the one QEMU's generator would report.

import { assert } from '../../util/assert.ts';
import { builtinTypes, qtypeName } from '../builtin-types.ts';
import type {
  Branch,
  Command,
  Definition,
  Event,
  Feature,
  Member,
  ObjectType,
  TypeDefinition,
  TypeRef,
} from '../schema.ts';
import { elementTypeOf } from '../schema-index.ts';
import { checkAlternate } from './alternate-rules.ts';
import type { CheckedDefinition } from './definition.ts';
import type { DefinitionContext } from './definition-parts.ts';
import { checkDoc } from './doc-rules.ts';
import { clashKey } from './naming.ts';

/** Features that may only mark what a client can stop using: not types. */
const specialFeatures = ['deprecated', 'unstable'];

/** How many features a schema can have, the special ones included: the generator keeps them as bits of 64. */
const featuresMax = 64;

/** Names seen in one place (members of a type, values of an enumeration), by what C makes of them. */
type Seen = Map<string, string>;

export class Resolver {
  readonly #checked = new Map<string, CheckedDefinition>();
  readonly #definitions = new Map<string, Definition>();
  /** The first use of each feature that is not special. */
  readonly #features = new Map<string, { readonly context: DefinitionContext; readonly feature: Feature }>();
  readonly #membersDone = new Map<string, readonly Member[]>();
  readonly #membersUnderWay = new Set<string>();

  /** Adds a definition and its implicit type; fails when the name is taken. */
  define(checked: CheckedDefinition): void {
    const { definition, implicit, context } = checked;
    const { name } = definition;
    if (builtinTypes.has(name) || name === qtypeName) {
      context.fail(context.location.line, `'${name}' is the name of a built-in type`);
    }
    const other = this.#checked.get(name);
    if (other !== undefined) {
      const { file, line } = other.context.location;
      context.fail(
        context.location.line,
        `'${name}' is already defined at ${file.path}:${line} (${other.context.what})`,
      );
    }
    this.#checked.set(name, checked);
    if (implicit !== undefined) {
      this.#checked.set(implicit.name, { definition: implicit, context });
      this.#definitions.set(implicit.name, implicit);
    }
    this.#definitions.set(name, definition);
  }

  checkAll(): void {
    for (const checked of this.#checked.values()) this.#check(checked);
    const [surplus] = [...this.#features.values()].slice(featuresMax - specialFeatures.length);
    if (surplus !== undefined) {
      surplus.context.fail(
        surplus.feature,
        `a schema must not have more than ${featuresMax} different features`,
      );
    }
  }

  #checkFeatures(context: DefinitionContext, features: readonly Feature[] = []): void {
    checkNames(context, 'feature', features);
    for (const feature of features) {
      const counted = specialFeatures.includes(feature.name) || this.#features.has(feature.name);
      if (!counted) this.#features.set(feature.name, { context, feature });
    }
  }

  type(name: string): TypeDefinition | undefined {
    const found = this.#definitions.get(name);
    return found?.kind === 'command' || found?.kind === 'event' ? undefined : found;
  }

  /** Fails unless the reference names a type; `where` is the part that holds it. */
  needType(context: DefinitionContext, where: object | number, what: string, ref: TypeRef): void {
    const name = elementTypeOf(ref) ?? ref;
    if (builtinTypes.has(name) || name === qtypeName || this.type(name) !== undefined) return;
    context.fail(where, `${what} uses unknown type '${name}'`);
  }

  /** What kind of thing a reference is, for messages: `struct 'X'`, `array type ['X']`. */
  describe(ref: TypeRef): string {
    const element = elementTypeOf(ref);
    if (element !== undefined) return `array type ['${element}']`;
    return this.#checked.get(ref)?.context.what ?? `built-in type '${ref}'`;
  }

  /** All members of an object type with the base's first. Checks the type when that was not done yet. */
  membersOf(type: ObjectType): readonly Member[] {
    const done = this.#membersDone.get(type.name);
    if (done !== undefined) return done;
    const checked = this.#checked.get(type.name);
    assert(checked !== undefined, `object type '${type.name}' is not defined`);
    const { context } = checked;
    if (this.#membersUnderWay.has(type.name)) {
      return context.fail(context.location.line, `${context.what} contains itself`);
    }
    this.#membersUnderWay.add(type.name);
    const members = this.#checkMembers(type, context);
    this.#membersDone.set(type.name, members);
    return members;
  }

  #check({ definition, context, doc }: CheckedDefinition): void {
    this.#checkFeatures(context, definition.features);
    switch (definition.kind) {
      case 'enum':
        checkNames(context, 'value', definition.values);
        for (const value of definition.values) this.#checkFeatures(context, value.features);
        break;
      case 'object':
        this.membersOf(definition);
        break;
      case 'alternate':
        for (const alternative of definition.alternatives) {
          this.needType(context, alternative, `alternative '${alternative.name}'`, alternative.type);
        }
        checkNames(context, 'alternative', definition.alternatives);
        checkAlternate(context, this, definition);
        break;
      case 'command':
        this.#checkArguments(context, definition, definition.arguments);
        this.#checkReturns(context, definition);
        break;
      case 'event':
        this.#checkArguments(context, definition, definition.data);
        break;
    }
    if (definition.kind !== 'command' && definition.kind !== 'event') {
      const special = definition.features?.find((feature) => specialFeatures.includes(feature.name));
      if (special !== undefined) {
        context.fail(special, `feature '${special.name}' is not permitted for a type`);
      }
    }
    if (doc !== undefined) checkDoc(context, this, definition, doc);
  }

  #checkMembers(type: ObjectType, context: DefinitionContext): readonly Member[] {
    const seen: Seen = new Map();
    const base = this.#checkBase(type, context);
    const inherited = base === undefined ? [] : this.membersOf(base);
    for (const member of inherited) seen.set(clashKey(member.name), `base member '${member.name}'`);
    for (const member of type.members) {
      this.needType(context, member, `member '${member.name}'`, member.type);
      addName(context, seen, 'member', member);
      this.#checkFeatures(context, member.features);
    }
    const members = [...inherited, ...type.members];
    if (type.tag !== undefined) this.#checkUnion(type, context, members, seen);
    return members;
  }

  #checkBase(type: ObjectType, context: DefinitionContext): ObjectType | undefined {
    if (type.base === undefined) return undefined;
    this.needType(context, context.location.line, "'base'", type.base);
    const base = this.type(type.base);
    if (base?.kind === 'object' && base.tag === undefined) return base;
    return context.fail(context.location.line, `'base' must be a struct, not ${this.describe(type.base)}`);
  }

  #checkUnion(type: ObjectType, context: DefinitionContext, members: readonly Member[], seen: Seen): void {
    const tag = members.find((member) => member.name === type.tag);
    const fail: (reason: string) => never = (reason) =>
      context.fail(type, `discriminator '${type.tag}' ${reason}`);
    if (tag === undefined) fail('is not a member of the base');
    const tagType = this.type(tag.type);
    if (tagType?.kind !== 'enum') {
      fail(`must be of an enum type, not ${this.describe(tag.type)}`);
    }
    if (tag.optional) fail('must not be optional');
    if (tag.if !== undefined) fail('must not be conditional');
    const branches = type.branches ?? [];
    // A value without a branch has an empty one, so that only an empty enumeration leaves nothing.
    if (tagType.values.length === 0) context.fail(context.location.line, 'union has no branches');
    const values = new Set(tagType.values.map((value) => value.name));
    for (const branch of branches) {
      if (!values.has(branch.name)) {
        context.fail(branch, `branch '${branch.name}' is not a value of enum '${tagType.name}'`);
      }
      this.#checkBranch(context, branch, seen);
    }
  }

  #checkBranch(context: DefinitionContext, branch: Branch, seen: Seen): void {
    this.needType(context, branch, `branch '${branch.name}'`, branch.type);
    const type = this.type(branch.type);
    if (type?.kind !== 'object') {
      context.fail(
        branch,
        `branch '${branch.name}' must be a struct or union, not ${this.describe(branch.type)}`,
      );
    }
    for (const member of this.membersOf(type)) {
      const other = seen.get(clashKey(member.name));
      if (other !== undefined) {
        context.fail(branch, `member '${member.name}' of branch '${branch.name}' collides with ${other}`);
      }
    }
    this.#checkNestedBranches(context, branch, type, seen);
  }

  /** A branch may itself be a union: its own branches' members must not collide with ours either. */
  #checkNestedBranches(context: DefinitionContext, outer: Branch, type: ObjectType, seen: Seen): void {
    for (const branch of type.branches ?? []) {
      const nested = this.type(branch.type);
      if (nested?.kind !== 'object') continue;
      for (const member of this.membersOf(nested)) {
        const other = seen.get(clashKey(member.name));
        if (other !== undefined) {
          context.fail(outer, `member '${member.name}' of branch '${outer.name}' collides with ${other}`);
        }
      }
      this.#checkNestedBranches(context, outer, nested, seen);
    }
  }

  #checkArguments(context: DefinitionContext, definition: Command | Event, ref: TypeRef | undefined): void {
    if (ref === undefined) return;
    const line = context.location.line;
    this.needType(context, line, "'data'", ref);
    const type = this.type(ref);
    if (type?.kind !== 'object') {
      context.fail(line, `'data' must be a struct or union, not ${this.describe(ref)}`);
    }
    if (definition.boxed) return;
    if (type.tag !== undefined)
      context.fail(line, `'data' can only be ${this.describe(ref)} with 'boxed': true`);
    const conditional = this.membersOf(type).find((member) => member.if !== undefined);
    if (conditional !== undefined) {
      context.fail(line, `conditional argument '${conditional.name}' needs 'boxed': true`);
    }
  }

  #checkReturns(context: DefinitionContext, command: Command): void {
    if (command.returns === undefined) return;
    const line = context.location.line;
    this.needType(context, line, "'returns'", command.returns);
    if (context.pragmas.commandReturnsExceptions.has(command.name)) return;
    if (this.type(elementTypeOf(command.returns) ?? command.returns)?.kind === 'object') return;
    const got = this.describe(command.returns);
    context.fail(line, `'returns' must be a struct, a union or a list of these, not ${got}`);
  }
}

function addName(
  context: DefinitionContext,
  seen: Seen,
  role: string,
  part: { readonly name: string },
): void {
  const me = `${role} '${part.name}'`;
  const other = seen.get(clashKey(part.name));
  if (other === me) context.fail(part, `${me} is there twice`);
  if (other !== undefined) context.fail(part, `${me} collides with ${other}`);
  seen.set(clashKey(part.name), me);
}

function checkNames(
  context: DefinitionContext,
  role: string,
  named: readonly { readonly name: string }[],
): void {
  const seen: Seen = new Map();
  for (const part of named) addName(context, seen, role, part);
}
