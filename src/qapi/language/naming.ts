// The rules for names (qapi-code-gen.rst, "Naming rules and reserved names"). Each check gives the reason why a name
// is not permitted, or undefined.

/** Prefix of a downstream extension, `x-`, then the stem. */
const namePattern = /^(__[a-z0-9.-]+_)?(x-)?([a-z][a-z0-9_-]*)$/i;
const camelCase = /^[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*$/;

export interface NameLeeway {
  readonly upper?: boolean;
  readonly underscore?: boolean;
}

/** What two names have in common when C code could not tell them apart. */
export function clashKey(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, '_');
}

function stemOf(name: string): string | undefined {
  if (clashKey(name).startsWith('q_')) return undefined;
  return namePattern.exec(name)?.[3];
}

const notAName = 'name must be letters, digits, - and _, start with a letter and not with q_';

export function faultOfLowerName(name: string, leeway: NameLeeway = {}): string | undefined {
  const stem = stemOf(name);
  if (stem === undefined) return notAName;
  if (!leeway.upper && /[A-Z]/.test(stem)) return 'name must not use upper case';
  if (!leeway.underscore && stem.includes('_')) return "name must not use '_' (write '-')";
  return undefined;
}

export function faultOfMemberName(name: string, leeway: NameLeeway): string | undefined {
  const key = clashKey(name);
  return (
    faultOfLowerName(name, leeway) ??
    (key === 'u' || key.startsWith('has_') ? 'name is reserved (u, has-...)' : undefined)
  );
}

/** Enumeration values may start with a digit. */
export function faultOfValueName(name: string, leeway: NameLeeway): string | undefined {
  return faultOfLowerName(/^[0-9]/.test(name) ? `d${name}` : name, leeway);
}

export function faultOfCommandName(name: string, leeway: NameLeeway): string | undefined {
  return faultOfLowerName(name, { ...leeway, upper: false });
}

export function faultOfEventName(name: string): string | undefined {
  const stem = stemOf(name);
  if (stem === undefined) return notAName;
  return /[a-z-]/.test(stem) ? "name must not use lower case or '-' (write A_NAME)" : undefined;
}

export function faultOfTypeName(name: string): string | undefined {
  const stem = stemOf(name);
  if (stem === undefined) return notAName;
  if (!camelCase.test(stem)) return 'name must use CamelCase';
  return name.endsWith('List') ? "name must not end in 'List' (the names of array types do)" : undefined;
}
