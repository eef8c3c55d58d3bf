// Reads the answer of query-qmp-schema from an unknown JSON value: each entry must have the form of
// introspect.json, and each name that is referred to must be there. Members that are not known are passed over, so
// that a later QEMU's answer can still be read.

import { LocalError } from '../../util/local-error.ts';
import type { JsonType } from '../builtin-types.ts';
import type { SchemaInfo } from './schema-info.ts';

/** The answer is not a schema. `message` says which entry is at fault. */
export class IntrospectionError extends LocalError {
  override readonly name: string = 'IntrospectionError';

  constructor(message: string) {
    super('ERR_QMPD_INTROSPECTION', message);
  }
}

/** More entries than this are refused; QEMU has about 2,000. */
const entriesMax = 100_000;
const jsonTypes: readonly string[] = [
  'string',
  'number',
  'int',
  'boolean',
  'null',
  'object',
  'array',
  'value',
];

type Fields = Readonly<Record<string, unknown>>;

/** Takes the members of one entry apart, and knows what to call it in a message. */
class Entry {
  readonly #fields: Fields;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new IntrospectionError(`${what} is not an object`);
    }
    this.#fields = value as Fields;
    this.#what = what;
  }

  named(): Entry {
    return new Entry(this.#fields, `entry '${this.text('name')}'`);
  }

  fail(reason: string): never {
    throw new IntrospectionError(`${this.#what} ${reason}`);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#fields, key);
  }

  text(key: string): string {
    const value = this.has(key) ? this.#fields[key] : undefined;
    return typeof value === 'string' ? value : this.fail(`has no string '${key}'`);
  }

  texts(key: string): string[] {
    return this.#list(key).map((item) => {
      return typeof item === 'string' ? item : this.fail(`has something other than strings in '${key}'`);
    });
  }

  entries(key: string): Entry[] {
    return this.#list(key).map((item) => new Entry(item, `${this.#what}: item of '${key}'`));
  }

  features(): { readonly features?: string[] } {
    return this.has('features') ? { features: this.texts('features') } : {};
  }

  flag(key: string): boolean {
    return this.has(key) && this.#fields[key] === true;
  }

  #list(key: string): readonly unknown[] {
    const value = this.has(key) ? this.#fields[key] : undefined;
    return Array.isArray(value) ? value : this.fail(`has no list '${key}'`);
  }
}

function isJsonType(text: string): text is JsonType {
  return jsonTypes.includes(text);
}

function parseObject(entry: Entry, common: { name: string; features?: string[] }): SchemaInfo {
  const members = entry.entries('members').map((member) => ({
    name: member.text('name'),
    type: member.text('type'),
    ...(member.has('default') ? { default: null } : {}),
    ...member.features(),
  }));
  const object = { ...common, 'meta-type': 'object' as const, members };
  if (!entry.has('tag')) return object;
  const variants = entry.entries('variants').map((variant) => {
    return { case: variant.text('case'), type: variant.text('type') };
  });
  return { ...object, tag: entry.text('tag'), variants };
}

function parseEnum(entry: Entry, common: { name: string; features?: string[] }): SchemaInfo {
  const members = entry.has('members')
    ? entry.entries('members').map((member) => ({ name: member.text('name'), ...member.features() }))
    : entry.texts('values').map((name) => ({ name }));
  return { ...common, 'meta-type': 'enum', members, values: members.map((member) => member.name) };
}

function parseEntry(entry: Entry): SchemaInfo {
  const common = { name: entry.text('name'), ...entry.features() };
  const meta = entry.text('meta-type');
  switch (meta) {
    case 'builtin': {
      const jsonType = entry.text('json-type');
      if (!isJsonType(jsonType)) return entry.fail(`has unknown json-type '${jsonType}'`);
      return { ...common, 'meta-type': meta, 'json-type': jsonType };
    }
    case 'enum':
      return parseEnum(entry, common);
    case 'array':
      return { ...common, 'meta-type': meta, 'element-type': entry.text('element-type') };
    case 'object':
      return parseObject(entry, common);
    case 'alternate': {
      const members = entry.entries('members').map((member) => ({ type: member.text('type') }));
      return { ...common, 'meta-type': meta, members };
    }
    case 'command': {
      const types = { 'arg-type': entry.text('arg-type'), 'ret-type': entry.text('ret-type') };
      const oob = entry.flag('allow-oob') ? { 'allow-oob': true } : {};
      return { ...common, 'meta-type': meta, ...types, ...oob };
    }
    case 'event':
      return { ...common, 'meta-type': meta, 'arg-type': entry.text('arg-type') };
    default:
      return entry.fail(`has unknown meta-type '${meta}'`);
  }
}

/** The names of types that an entry refers to. */
export function referencesOf(info: SchemaInfo): string[] {
  switch (info['meta-type']) {
    case 'array':
      return [info['element-type']];
    case 'object':
      return [...info.members, ...(info.variants ?? [])].map((part) => part.type);
    case 'alternate':
      return info.members.map((member) => member.type);
    case 'command':
      return [info['arg-type'], info['ret-type']];
    case 'event':
      return [info['arg-type']];
    default:
      return [];
  }
}

/** Throws an IntrospectionError when the value is not a whole schema. */
export function parseSchemaInfo(value: unknown): SchemaInfo[] {
  if (!Array.isArray(value)) throw new IntrospectionError('schema is not a list');
  if (value.length > entriesMax) throw new IntrospectionError(`schema has more than ${entriesMax} entries`);
  const infos = value.map((item, index) => parseEntry(new Entry(item, `entry ${index}`).named()));
  const byName = new Map<string, SchemaInfo>();
  for (const info of infos) {
    if (byName.has(info.name)) throw new IntrospectionError(`entry '${info.name}' is there twice`);
    byName.set(info.name, info);
  }
  for (const info of infos) {
    for (const name of referencesOf(info)) checkReference(info, name, byName);
  }
  return infos;
}

function checkReference(info: SchemaInfo, name: string, byName: ReadonlyMap<string, SchemaInfo>): void {
  const meta = byName.get(name)?.['meta-type'];
  if (meta === undefined || meta === 'command' || meta === 'event') {
    throw new IntrospectionError(`entry '${info.name}' refers to type '${name}', which is not there`);
  }
}
