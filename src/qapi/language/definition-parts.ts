// The parts that definitions are written with (members, features, conditions, type references, flags), checked as
// far as that goes without knowing any other definition, and turned into the intermediate form.

import type { Condition, Feature, Member, TypeRef } from '../schema.ts';
import { arrayOf } from '../schema-index.ts';
import type { NameLeeway } from './naming.ts';
import { faultOfLowerName, faultOfMemberName } from './naming.ts';
import type { Expression, ObjectExpression } from './parser.ts';
import type { Pragmas } from './pragma.ts';
import type { DocFaults, Location } from './source.ts';
import { SchemaError } from './source.ts';

/** Tells of faults inside one definition, and remembers the line of each part of it. */
export class DefinitionContext {
  readonly location: Location;
  readonly pragmas: Pragmas;
  /** `struct 'X'` once the name is known. */
  readonly what: string | undefined;
  readonly #docFaults: DocFaults;
  readonly #lines: WeakMap<object, number>;

  constructor(location: Location, pragmas: Pragmas, docFaults: DocFaults, what?: string) {
    this.location = location;
    this.pragmas = pragmas;
    this.#docFaults = docFaults;
    this.what = what;
    this.#lines = new WeakMap();
  }

  /** Throws the SchemaError; `at` is a line, or a part that was remembered. */
  fail(at: number | object, reason: string): never {
    throw this.#faultAt(at, reason);
  }

  /** Tells of a fault in the documentation comment. Returns when the compilation may go on. */
  docFault(at: number | object, reason: string): void {
    this.#docFaults(this.#faultAt(at, reason));
  }

  #faultAt(at: number | object, reason: string): SchemaError {
    const line = typeof at === 'number' ? at : (this.#lines.get(at) ?? this.location.line);
    return new SchemaError({ file: this.location.file, line }, reason, this.what);
  }

  remember<Part extends object>(part: Part, line: number): Part {
    this.#lines.set(part, line);
    return part;
  }
}

function quoted(names: readonly string[]): string {
  return names
    .toSorted()
    .map((name) => `'${name}'`)
    .join(', ');
}

/** All `required` keys and none but these and the `optional` ones. */
export function checkKeys(
  context: DefinitionContext,
  what: string,
  expression: ObjectExpression,
  required: readonly string[],
  optional: readonly string[],
): void {
  const missing = required.filter((key) => !expression.members.has(key));
  if (missing.length > 0) {
    context.fail(expression.line, `${what} lacks key${missing.length > 1 ? 's' : ''} ${quoted(missing)}`);
  }
  const known = [...required, ...optional];
  const unknown = [...expression.members.keys()].filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    const line = expression.members.get(unknown[0] ?? '')?.line ?? expression.line;
    const keys = `unknown key${unknown.length > 1 ? 's' : ''} ${quoted(unknown)}`;
    context.fail(line, `${what} has ${keys} (known: ${quoted(known)})`);
  }
}

const conditionSymbol = /^[A-Z][A-Z0-9_]*$/;

function readCondition(context: DefinitionContext, what: string, expression: Expression): Condition {
  const fail = (reason: string): never =>
    context.fail(expression.line, `'if' condition of ${what} ${reason}`);
  if (expression.kind === 'string') {
    if (conditionSymbol.test(expression.value)) return expression.value;
    return fail(`has '${expression.value}' in place of a symbol like CONFIG_X`);
  }
  if (expression.kind !== 'object') return fail('must be a string or an object');
  const [key, ...others] = expression.members.keys();
  if (key === undefined || others.length > 0) return fail("must have exactly one key of 'all', 'any', 'not'");
  const value = expression.members.get(key);
  if (value === undefined || (key !== 'all' && key !== 'any' && key !== 'not')) {
    return fail(`has unknown key '${key}' (known: 'all', 'any', 'not')`);
  }
  if (key === 'not') return { not: readCondition(context, what, value) };
  if (value.kind !== 'list') return fail(`must have a list after '${key}'`);
  if (value.items.length === 0) return fail(`must not have an empty list after '${key}'`);
  const parts = value.items.map((item) => readCondition(context, what, item));
  return key === 'all' ? { all: parts } : { any: parts };
}

/** The `if` of an object expression, ready to be spread into a part. */
export function readIf(
  context: DefinitionContext,
  what: string,
  expression: ObjectExpression,
): { readonly if?: Condition } {
  const condition = expression.members.get('if');
  return condition === undefined ? {} : { if: readCondition(context, what, condition) };
}

export function readFeatures(
  context: DefinitionContext,
  expression: ObjectExpression,
): { readonly features?: readonly Feature[] } {
  const list = expression.members.get('features');
  if (list === undefined) return {};
  if (list.kind !== 'list') context.fail(list.line, "'features' must be a list");
  const features = list.items.map((item): Feature => {
    const { name, condition } = readNamed(context, 'feature', item, []);
    const fault = faultOfLowerName(name);
    if (fault !== undefined) context.fail(item.line, `feature '${name}': ${fault}`);
    return context.remember({ name, ...condition }, item.line);
  });
  return { features };
}

/** A string, or an object with `name`, `if` and the keys in `optional`: feature or enumeration value. */
export function readNamed(
  context: DefinitionContext,
  what: string,
  item: Expression,
  optional: readonly string[],
): { name: string; condition: { readonly if?: Condition }; expression?: ObjectExpression } {
  if (item.kind === 'string') return { name: item.value, condition: {} };
  if (item.kind !== 'object') return context.fail(item.line, `${what} must be a string or an object`);
  checkKeys(context, what, item, ['name'], ['if', ...optional]);
  const name = item.members.get('name');
  if (name?.kind !== 'string') return context.fail(item.line, `${what} must have a string as 'name'`);
  return {
    name: name.value,
    condition: readIf(context, `${what} '${name.value}'`, item),
    expression: item,
  };
}

export function readTypeName(context: DefinitionContext, what: string, expression: Expression): TypeRef {
  if (expression.kind === 'string') return expression.value;
  return context.fail(expression.line, `${what} must be the name of a type`);
}

export function readTypeRef(context: DefinitionContext, what: string, expression: Expression): TypeRef {
  if (expression.kind !== 'list') return readTypeName(context, what, expression);
  const [element] = expression.items;
  if (expression.items.length !== 1 || element?.kind !== 'string') {
    return context.fail(expression.line, `${what}: an array type is a list of exactly one type name`);
  }
  return arrayOf(element.value);
}

/** A type reference, or an object with `type` and the keys in `optional`. */
export function readTyped(
  context: DefinitionContext,
  what: string,
  expression: Expression,
  optional: readonly string[],
): { type: Expression; condition: { readonly if?: Condition }; features: { features?: readonly Feature[] } } {
  if (expression.kind !== 'object') return { type: expression, condition: {}, features: {} };
  checkKeys(context, what, expression, ['type'], optional);
  const type = expression.members.get('type');
  if (type === undefined) return context.fail(expression.line, `${what} lacks 'type'`);
  return {
    type,
    condition: readIf(context, what, expression),
    features: readFeatures(context, expression),
  };
}

export function readMembers(
  context: DefinitionContext,
  what: string,
  expression: ObjectExpression,
  leeway: NameLeeway,
): readonly Member[] {
  const members: Member[] = [];
  for (const [key, value] of expression.members) {
    const optional = key.startsWith('*');
    const name = optional ? key.slice(1) : key;
    const label = `${what} member '${name}'`;
    const fault = faultOfMemberName(name, leeway);
    if (fault !== undefined) context.fail(value.line, `${label}: ${fault}`);
    const { type, condition, features } = readTyped(context, label, value, ['if', 'features']);
    members.push(
      context.remember(
        {
          name,
          type: readTypeRef(context, label, type),
          ...(optional ? { optional: true as const } : {}),
          ...condition,
          ...features,
        },
        value.line,
      ),
    );
  }
  return members;
}

/** A flag that may only be written with the value that is not its default. */
export function readFlag<Value extends boolean>(
  context: DefinitionContext,
  expression: ObjectExpression,
  key: string,
  only: Value,
): Value | undefined {
  const value = expression.members.get(key);
  if (value === undefined) return undefined;
  if (value.kind === 'boolean' && value.value === only) return only;
  return context.fail(value.line, `flag '${key}' may only have the value ${only}`);
}
