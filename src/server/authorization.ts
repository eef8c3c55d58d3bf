// Whether an authz object admits a name (QEMU: authz/list.c, authz/listfile.c, authz/simple.c).

import { readFileSync } from 'node:fs';
import type { OwnObject } from '../commands/context.ts';

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
export function authorize(object: OwnObject | undefined, name: string): boolean {
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
  if (format !== 'glob') return name === match;
  const pattern = match
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 's').test(name);
}

function readList(filename: string): List {
  try {
    return JSON.parse(readFileSync(filename, 'utf8'));
  } catch {
    return {};
  }
}
