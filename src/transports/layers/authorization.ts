// Whether an authz object admits a name (QEMU: authz/list.c, authz/listfile.c, authz/simple.c).

import { readFileSync } from 'node:fs';
import type { NamedObject } from './object-resolver.ts';

/** What a list may hold, as long as nobody has looked: an object of the wire, or a file's content. */
interface List {
  readonly rules?: unknown;
  readonly policy?: unknown;
}

interface Rule {
  readonly match?: unknown;
  readonly format?: unknown;
  readonly policy?: unknown;
}

/** False for a missing object, an object of another type, and a file that cannot be read: nobody is admitted. */
export function authorize(object: NamedObject | undefined, name: string): boolean {
  switch (object?.type) {
    case 'authz-simple':
      return object.properties.identity === name;
    case 'authz-list':
      return listAdmits(object.properties, name);
    case 'authz-listfile':
      return listAdmits(readList(String(object.properties.filename)), name);
    default:
      return false;
  }
}

/** The first rule that matches decides, else the list's policy, which denies unless it says otherwise. */
function listAdmits({ rules, policy }: List, name: string): boolean {
  const known: readonly Rule[] = Array.isArray(rules) ? rules : [];
  const rule = known.find(({ match, format }) => typeof match === 'string' && matches(match, format, name));
  return (rule === undefined ? policy : rule.policy) === 'allow';
}

function matches(match: string, format: unknown, name: string): boolean {
  return format === 'glob' ? globMatches(match, name) : name === match;
}

/**
 * `*` stands for any characters, `?` for one. A name comes from a stranger's certificate, so that the time must not
 * grow faster than the product of both lengths: only the last `*` is ever tried again.
 */
function globMatches(pattern: string, name: string): boolean {
  let at = 0;
  let inName = 0;
  let star = -1;
  let starTook = 0;
  while (inName < name.length) {
    if (pattern[at] === '*') {
      star = at;
      starTook = inName;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[inName])) {
      at += 1;
      inName += 1;
    } else if (star >= 0) {
      starTook += 1;
      at = star + 1;
      inName = starTook;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

function readList(filename: string): List {
  try {
    return JSON.parse(readFileSync(filename, 'utf8'));
  } catch {
    return {};
  }
}
