// QEMU's own description of its commands (query-qmp-schema), and the check of arguments against it, with the texts
// that QEMU itself would answer with (qapi/qobject-input-visitor.c, qapi/qapi-visit-core.c). It finds before creation
// what QEMU would refuse at creation; it cannot find what depends on other things than the arguments.

import { isJsonInteger } from '../../../json/integer.ts';
import { Double, isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';

interface Member {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
}

/** One element of the schema, whatever its meta-type is; names are QEMU's (qapi/introspect.json). */
type Entity =
  | { readonly kind: 'builtin'; readonly json: string }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'array'; readonly element: string }
  | {
      readonly kind: 'object';
      readonly members: readonly Member[];
      readonly tag: string | undefined;
      readonly variants: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'alternate'; readonly types: readonly string[] }
  | { readonly kind: 'command'; readonly arguments: string; readonly outOfBand: boolean }
  | { readonly kind: 'event' };

export class Introspection {
  readonly #entities: Map<string, Entity> = new Map();

  constructor(schema: JsonValue) {
    for (const element of Array.isArray(schema) ? schema : []) {
      if (!isJsonObject(element) || typeof element.name !== 'string') continue;
      const entity = entityOf(element);
      if (entity !== undefined) this.#entities.set(element.name, entity);
    }
  }

  hasCommand(name: string): boolean {
    return this.#entities.get(name)?.kind === 'command';
  }

  /** Throws the QmpError with which QEMU would refuse these arguments for their form. */
  check(command: string, args: JsonObject): void {
    const entity = this.#entities.get(command);
    if (entity?.kind !== 'command') {
      throw new QmpError(`The command ${command} has not been found`, 'CommandNotFound');
    }
    this.#checkValue('', entity.arguments, args);
  }

  #checkValue(path: string, type: string, value: JsonValue): void {
    const entity = this.#entities.get(type);
    switch (entity?.kind) {
      case 'builtin':
        checkBuiltin(path, entity.json, value);
        break;
      case 'enum':
        checkEnum(path, entity.values, value);
        break;
      case 'array':
        if (!Array.isArray(value)) throw wrongType(path, 'array');
        for (const [index, element] of value.entries()) {
          this.#checkValue(`${path}[${index}]`, entity.element, element);
        }
        break;
      case 'object':
        this.#checkObject(path, type, value);
        break;
      case 'alternate':
        this.#checkAlternate(path, entity.types, value);
        break;
      default:
        // A type that the schema only names; QEMU itself will say.
        break;
    }
  }

  #checkObject(path: string, type: string, value: JsonValue): void {
    if (!isJsonObject(value)) throw wrongType(path, 'object');
    const known = new Set<string>();
    this.#checkMembers(path, type, value, known);
    for (const name of Object.keys(value)) {
      if (!known.has(name)) throw new QmpError(`Parameter '${join(path, name)}' is unexpected`);
    }
  }

  #checkMembers(path: string, type: string, value: JsonObject, known: Set<string>): void {
    const entity = this.#entities.get(type);
    if (entity?.kind !== 'object') return;
    for (const { name, type: memberType, optional } of entity.members) {
      known.add(name);
      const member = value[name];
      if (member !== undefined) this.#checkValue(join(path, name), memberType, member);
      else if (!optional) throw new QmpError(`Parameter '${join(path, name)}' is missing`);
    }
    const tag = entity.tag === undefined ? undefined : value[entity.tag];
    const variant = typeof tag === 'string' ? entity.variants.get(tag) : undefined;
    if (variant !== undefined) this.#checkMembers(path, variant, value, known);
  }

  #checkAlternate(path: string, types: readonly string[], value: JsonValue): void {
    const fitting = types.find((type) => this.#fits(type, value));
    if (fitting === undefined) throw wrongType(path, types.map((type) => this.#jsonType(type)).join(' or '));
    this.#checkValue(path, fitting, value);
  }

  #fits(type: string, value: JsonValue): boolean {
    return (
      jsonTypeOf(value) === this.#jsonType(type) ||
      (isJsonInteger(value) && this.#jsonType(type) === 'number')
    );
  }

  #jsonType(type: string): string {
    const entity = this.#entities.get(type);
    if (entity?.kind === 'builtin') return entity.json === 'int' ? 'integer' : entity.json;
    if (entity?.kind === 'enum') return 'string';
    return entity?.kind ?? 'value';
  }
}

function checkBuiltin(path: string, json: string, value: JsonValue): void {
  const type = jsonTypeOf(value);
  switch (json) {
    case 'value':
      return;
    case 'int':
      if (type !== 'integer') throw wrongType(path, 'integer');
      return;
    case 'number':
      if (type !== 'integer' && type !== 'number') throw wrongType(path, 'number');
      return;
    default:
      if (type !== json) throw wrongType(path, json);
  }
}

function checkEnum(path: string, values: readonly string[], value: JsonValue): void {
  if (typeof value !== 'string') throw wrongType(path, 'string');
  if (values.includes(value)) return;
  throw new QmpError(`Parameter '${path}' does not accept value '${value}'${accepted(values)}`);
}

/** Enough to choose from; long lists help nobody. */
const acceptedMax = 60;

export function accepted(values: readonly string[]): string {
  if (values.length === 0 || values.length > acceptedMax) return '';
  return ` (accepted: ${[...values].sort().join(', ')})`;
}

function wrongType(path: string, expected: string): QmpError {
  return new QmpError(`Invalid parameter type for '${path}', expected: ${expected}`);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function jsonTypeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (isJsonInteger(value)) return 'integer';
  if (typeof value === 'number' || value instanceof Double) return 'number';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' || typeof value === 'string' ? typeof value : 'object';
}

function entityOf(element: JsonObject): Entity | undefined {
  switch (element['meta-type']) {
    case 'builtin':
      return { kind: 'builtin', json: textOf(element['json-type']) };
    case 'enum':
      return { kind: 'enum', values: enumValues(element) };
    case 'array':
      return { kind: 'array', element: textOf(element['element-type']) };
    case 'object':
      return objectEntity(element);
    case 'alternate':
      return { kind: 'alternate', types: objects(element.members).map(({ type }) => textOf(type)) };
    case 'command':
      return {
        kind: 'command',
        arguments: textOf(element['arg-type']),
        outOfBand: element['allow-oob'] === true,
      };
    case 'event':
      return { kind: 'event' };
    default:
      return undefined;
  }
}

function enumValues({ values, members }: JsonObject): string[] {
  // Newer versions have `members` with features; `values` is older and may go.
  if (Array.isArray(members)) return objects(members).map(({ name }) => textOf(name));
  return Array.isArray(values) ? values.map(textOf) : [];
}

function objectEntity({ members, tag, variants }: JsonObject): Entity {
  return {
    kind: 'object',
    members: objects(members).map((member) => ({
      name: textOf(member.name),
      type: textOf(member.type),
      optional: 'default' in member,
    })),
    tag: typeof tag === 'string' ? tag : undefined,
    variants: new Map(
      objects(variants).map((variant): [string, string] => [textOf(variant.case), textOf(variant.type)]),
    ),
  };
}

function objects(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
