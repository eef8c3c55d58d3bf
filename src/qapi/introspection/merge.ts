// One introspection out of two: what qmpd itself answers and what the QEMU behind it does. Where both have a command
// or event, the first one's counts; types that then nothing uses are gone. The second one's types get new names, so
// that the numbers of both cannot collide.

import { referencesOf } from './parse-schema-info.ts';
import type { SchemaInfo } from './schema-info.ts';

function isRoot(info: SchemaInfo): boolean {
  return info['meta-type'] === 'command' || info['meta-type'] === 'event';
}

/** The entries that `roots` need, themselves included, in the order of `infos`. */
function reachable(infos: readonly SchemaInfo[], roots: readonly SchemaInfo[]): SchemaInfo[] {
  const byName = new Map(infos.map((info) => [info.name, info]));
  const needed = new Set<SchemaInfo>(roots);
  // A Set's iteration also visits what is added on the way.
  for (const info of needed) {
    for (const name of referencesOf(info)) {
      const type = byName.get(name);
      if (type !== undefined) needed.add(type);
    }
  }
  return infos.filter((info) => needed.has(info));
}

function renamed(info: SchemaInfo, name: (type: string) => string): SchemaInfo {
  switch (info['meta-type']) {
    case 'array':
      return { ...info, name: name(info.name), 'element-type': name(info['element-type']) };
    case 'object': {
      const members = info.members.map((member) => ({ ...member, type: name(member.type) }));
      const variants = info.variants?.map((variant) => ({ ...variant, type: name(variant.type) }));
      return { ...info, name: name(info.name), members, ...(variants === undefined ? {} : { variants }) };
    }
    case 'alternate': {
      const members = info.members.map((member) => ({ type: name(member.type) }));
      return { ...info, name: name(info.name), members };
    }
    case 'command':
      return { ...info, 'arg-type': name(info['arg-type']), 'ret-type': name(info['ret-type']) };
    case 'event':
      return { ...info, 'arg-type': name(info['arg-type']) };
    default:
      return { ...info, name: name(info.name) };
  }
}

/** New names for the types of `infos`: built-in types that are the same in `others` keep theirs. */
function newNames(infos: readonly SchemaInfo[], others: readonly SchemaInfo[]): ReadonlyMap<string, string> {
  const taken = new Map(others.map((info) => [info.name, info]));
  const byName = new Map(infos.map((info) => [info.name, info]));
  // Commands and events keep their names: no type may get one of those either.
  for (const info of infos) if (isRoot(info)) taken.set(info.name, info);
  const names = new Map<string, string>();
  let number = 0;
  const free = (wrap: (number: string) => string): string => {
    while (taken.has(wrap(String(number)))) number += 1;
    const name = wrap(String(number));
    number += 1;
    return name;
  };
  const nameOf = (info: SchemaInfo): string => {
    if (info['meta-type'] === 'builtin') {
      const other = taken.get(info.name);
      const same = other?.['meta-type'] === 'builtin' && other['json-type'] === info['json-type'];
      return other === undefined || same ? info.name : free(String);
    }
    if (info['meta-type'] !== 'array') return free(String);
    const element = byName.get(info['element-type']);
    return `[${element === undefined ? info['element-type'] : resolve(element)}]`;
  };
  const resolve = (info: SchemaInfo): string => {
    const known = names.get(info.name);
    if (known !== undefined) return known;
    const name = nameOf(info);
    names.set(info.name, name);
    return name;
  };
  for (const info of infos) if (!isRoot(info)) resolve(info);
  return names;
}

/** A valid introspection with all of `own`, and of `theirs` what `own` does not have. */
export function mergeIntrospection(own: readonly SchemaInfo[], theirs: readonly SchemaInfo[]): SchemaInfo[] {
  const ownRoots = new Set(own.filter(isRoot).map((info) => info.name));
  const roots = theirs.filter((info) => isRoot(info) && !ownRoots.has(info.name));
  const added = reachable(theirs, roots);
  const names = newNames(added, own);
  const present = new Set(own.map((info) => info.name));
  const result = [...own];
  for (const info of added) {
    const entry = renamed(info, (type) => names.get(type) ?? type);
    // A built-in type, or an array of one, can be the same in both.
    if (present.has(entry.name)) continue;
    present.add(entry.name);
    result.push(entry);
  }
  return result;
}
