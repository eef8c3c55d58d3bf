// One definition, from its expression to the intermediate form: which keys it has, what they may hold. Anything that
// needs other definitions (that a type exists, that members do not collide) is resolve.ts.
// Answers to qapi-code-gen.rst, the sections on each kind of definition.

import type {
  AlternateType,
  Branch,
  Command,
  Condition,
  Definition,
  Doc,
  EnumType,
  EnumValue,
  Event,
  Feature,
  ObjectType,
  TypeRef,
} from '../schema.ts';
import * as parts from './definition-parts.ts';
import { checkKeys, DefinitionContext } from './definition-parts.ts';
import type { DefinitionDoc } from './doc-comment.ts';
import { docOf } from './doc-comment.ts';
import type { RawDefinition } from './load.ts';
import {
  faultOfCommandName,
  faultOfEventName,
  faultOfLowerName,
  faultOfTypeName,
  faultOfValueName,
} from './naming.ts';
import type { ObjectExpression } from './parser.ts';
import type { Pragmas } from './pragma.ts';
import type { DocFaults } from './source.ts';

const metaTypes = ['enum', 'struct', 'union', 'alternate', 'command', 'event'] as const;
type MetaType = (typeof metaTypes)[number];

/** A definition with the implicit type that it needs, and where all of it was written. */
export interface CheckedDefinition {
  readonly definition: Definition;
  readonly implicit?: ObjectType;
  readonly context: DefinitionContext;
  readonly doc?: DefinitionDoc;
}

interface Common {
  readonly name: string;
  readonly if?: Condition;
  readonly features?: readonly Feature[];
  readonly doc?: Doc;
}

/** The parts of a definition while it is being read. */
interface Reading {
  readonly context: DefinitionContext;
  readonly expression: ObjectExpression;
  readonly common: Common;
}

type Result = Pick<CheckedDefinition, 'definition' | 'implicit'>;

const keysOf: Readonly<
  Record<MetaType, readonly [required: readonly string[], optional: readonly string[]]>
> = {
  enum: [
    ['enum', 'data'],
    ['if', 'features', 'prefix'],
  ],
  struct: [
    ['struct', 'data'],
    ['base', 'if', 'features'],
  ],
  union: [
    ['union', 'base', 'discriminator', 'data'],
    ['if', 'features'],
  ],
  alternate: [
    ['alternate', 'data'],
    ['if', 'features'],
  ],
  command: [
    ['command'],
    [
      'data',
      'returns',
      'boxed',
      'if',
      'features',
      'gen',
      'success-response',
      'allow-oob',
      'allow-preconfig',
      'coroutine',
    ],
  ],
  event: [['event'], ['data', 'boxed', 'if', 'features']],
};

function valueAt(reading: Reading, key: string): ReturnType<ObjectExpression['members']['get']> {
  return reading.expression.members.get(key);
}

function objectOf(reading: Reading, key: string): ObjectExpression {
  const value = valueAt(reading, key);
  if (value?.kind === 'object') return value;
  return reading.context.fail(value?.line ?? reading.expression.line, `'${key}' must be an object`);
}

function memberLeeway(reading: Reading): { upper: boolean; underscore: boolean } {
  const permissive = reading.context.pragmas.memberNameExceptions.has(reading.common.name);
  return { upper: permissive, underscore: permissive };
}

function readEnum(reading: Reading): Result {
  const { context, common } = reading;
  const data = valueAt(reading, 'data');
  if (data?.kind !== 'list') return context.fail(data?.line ?? 0, "'data' must be a list");
  const prefix = valueAt(reading, 'prefix');
  if (prefix !== undefined && prefix.kind !== 'string') {
    return context.fail(prefix.line, "'prefix' must be a string");
  }
  const values = data.items.map((item): EnumValue => {
    const { name, condition, expression } = parts.readNamed(context, 'value', item, ['features']);
    const fault = faultOfValueName(name, memberLeeway(reading));
    if (fault !== undefined) context.fail(item.line, `value '${name}': ${fault}`);
    const features = expression === undefined ? {} : parts.readFeatures(context, expression);
    return context.remember({ name, ...condition, ...features }, item.line);
  });
  const definition: EnumType = { kind: 'enum', ...common, values };
  return { definition: prefix === undefined ? definition : { ...definition, prefix: prefix.value } };
}

function readStruct(reading: Reading): Result {
  const { context, common } = reading;
  const members = parts.readMembers(context, "'data'", objectOf(reading, 'data'), memberLeeway(reading));
  const base = valueAt(reading, 'base');
  const definition: ObjectType = {
    kind: 'object',
    ...common,
    ...(base === undefined ? {} : { base: parts.readTypeName(context, "'base'", base) }),
    members,
  };
  return { definition };
}

function readUnion(reading: Reading): Result {
  const { context, common } = reading;
  const base = readMembersOrType(reading, 'base', 'base');
  const tag = valueAt(reading, 'discriminator');
  if (tag?.kind !== 'string') return context.fail(tag?.line ?? 0, "'discriminator' must be a string");
  const branches = [...objectOf(reading, 'data').members].map(([name, value]): Branch => {
    const label = `branch '${name}'`;
    const { type, condition } = parts.readTyped(context, label, value, ['if']);
    return context.remember(
      { name, type: parts.readTypeName(context, label, type), ...condition },
      value.line,
    );
  });
  const definition: ObjectType = {
    kind: 'object',
    ...common,
    ...(base.type === undefined ? {} : { base: base.type }),
    members: [],
    tag: tag.value,
    branches,
  };
  context.remember(definition, tag.line);
  return { definition, ...base.implicit };
}

function readAlternate(reading: Reading): Result {
  const { context, common } = reading;
  const data = objectOf(reading, 'data');
  if (data.members.size === 0) context.fail(data.line, "'data' must not be empty");
  const alternatives = [...data.members].map(([name, value]): Branch => {
    const label = `alternative '${name}'`;
    const fault = faultOfLowerName(name);
    if (fault !== undefined) context.fail(value.line, `${label}: ${fault}`);
    const { type, condition } = parts.readTyped(context, label, value, ['if']);
    return context.remember(
      { name, type: parts.readTypeRef(context, label, type), ...condition },
      value.line,
    );
  });
  const definition: AlternateType = { kind: 'alternate', ...common, alternatives };
  return { definition };
}

/** A type's name, or members that become the implicit type `q_obj_NAME-ROLE`. */
function readMembersOrType(
  reading: Reading,
  key: string,
  role: 'arg' | 'base',
): { type?: TypeRef; implicit?: { implicit: ObjectType } } {
  const { context, common } = reading;
  const value = valueAt(reading, key);
  if (value === undefined) return {};
  if (value.kind !== 'object') {
    if (value.kind === 'string') return { type: value.value };
    return context.fail(value.line, `'${key}' must be an object or the name of a type`);
  }
  const members = parts.readMembers(context, `'${key}'`, value, memberLeeway(reading));
  if (members.length === 0 && role === 'arg') return {};
  const name = `q_obj_${common.name}-${role}`;
  const condition = common.if === undefined ? {} : { if: common.if };
  const implicit: ObjectType = { kind: 'object', name, implicit: true, ...condition, members };
  return { type: name, implicit: { implicit } };
}

function readArguments(reading: Reading): ReturnType<typeof readMembersOrType> & { boxed: { boxed?: true } } {
  const { context, expression } = reading;
  const boxed = parts.readFlag(context, expression, 'boxed', true);
  if (boxed === undefined) return { ...readMembersOrType(reading, 'data', 'arg'), boxed: {} };
  const data = valueAt(reading, 'data');
  if (data === undefined) return context.fail(expression.line, "'boxed' needs 'data'");
  return { type: parts.readTypeName(context, "'data' with 'boxed'", data), boxed: { boxed: true } };
}

function readCommand(reading: Reading): Result {
  const { context, common, expression } = reading;
  const { type, implicit, boxed } = readArguments(reading);
  const returns = valueAt(reading, 'returns');
  const flag = <Value extends boolean>(key: string, only: Value): Value | undefined => {
    return parts.readFlag(context, expression, key, only);
  };
  const definition: Command = {
    kind: 'command',
    ...common,
    ...(type === undefined ? {} : { arguments: type }),
    ...(returns === undefined ? {} : { returns: parts.readTypeRef(context, "'returns'", returns) }),
    ...boxed,
    ...(flag('gen', false) === undefined ? {} : { gen: false }),
    ...(flag('success-response', false) === undefined ? {} : { successResponse: false }),
    ...(flag('allow-oob', true) === undefined ? {} : { allowOob: true }),
    ...(flag('allow-preconfig', true) === undefined ? {} : { allowPreconfig: true }),
    ...(flag('coroutine', true) === undefined ? {} : { coroutine: true }),
  };
  if (definition.allowOob && definition.coroutine) {
    context.fail(expression.line, "flags 'allow-oob' and 'coroutine' exclude each other");
  }
  return { definition, ...implicit };
}

function readEvent(reading: Reading): Result {
  const { type, implicit, boxed } = readArguments(reading);
  const definition: Event = {
    kind: 'event',
    ...reading.common,
    ...(type === undefined ? {} : { data: type }),
    ...boxed,
  };
  return { definition, ...implicit };
}

const readers: Readonly<Record<MetaType, (reading: Reading) => Result>> = {
  enum: readEnum,
  struct: readStruct,
  union: readUnion,
  alternate: readAlternate,
  command: readCommand,
  event: readEvent,
};

function faultOfDefinitionName(meta: MetaType, name: string, pragmas: Pragmas): string | undefined {
  if (meta === 'event') return faultOfEventName(name);
  if (meta !== 'command') return faultOfTypeName(name);
  return faultOfCommandName(name, { underscore: pragmas.commandNameExceptions.has(name) });
}

function metaTypeOf(raw: RawDefinition, outside: DefinitionContext): MetaType {
  const found = metaTypes.filter((meta) => raw.expression.members.has(meta));
  const [meta] = found;
  if (meta !== undefined && found.length === 1) return meta;
  const list = metaTypes.map((name) => `'${name}'`).join(', ');
  return outside.fail(raw.location.line, `definition must have exactly one key of ${list}`);
}

/** The comment, if it is this definition's. */
function ownDoc(context: DefinitionContext, raw: RawDefinition, name: string): { doc?: DefinitionDoc } {
  if (raw.doc === undefined) {
    if (context.pragmas.docRequired) {
      context.docFault(raw.location.line, 'documentation comment is missing');
    }
    return {};
  }
  if (raw.doc.symbol === name) return { doc: raw.doc };
  context.docFault(raw.doc.line, `documentation comment is for '${raw.doc.symbol}'`);
  return {};
}

/** Throws a SchemaError at the first fault that is not a comment's. */
export function readDefinition(
  raw: RawDefinition,
  pragmas: Pragmas,
  docFaults: DocFaults,
): CheckedDefinition {
  const outside = new DefinitionContext(raw.location, pragmas, docFaults);
  const meta = metaTypeOf(raw, outside);
  const nameExpression = raw.expression.members.get(meta);
  if (nameExpression?.kind !== 'string') {
    return outside.fail(
      nameExpression?.line ?? raw.location.line,
      `'${meta}' must have a string as its name`,
    );
  }
  const name = nameExpression.value;
  const context = new DefinitionContext(raw.location, pragmas, docFaults, `${meta} '${name}'`);
  const fault = faultOfDefinitionName(meta, name, pragmas);
  if (fault !== undefined) context.fail(nameExpression.line, `${meta} '${name}': ${fault}`);
  const { doc } = ownDoc(context, raw, name);
  const [required, optional] = keysOf[meta];
  checkKeys(context, meta, raw.expression, required, optional);
  const common: Common = {
    name,
    ...parts.readIf(context, meta, raw.expression),
    ...parts.readFeatures(context, raw.expression),
    ...(doc === undefined ? {} : { doc: docOf(doc) }),
  };
  const result = readers[meta]({ context, expression: raw.expression, common });
  return { ...result, context, ...(doc === undefined ? {} : { doc }) };
}
