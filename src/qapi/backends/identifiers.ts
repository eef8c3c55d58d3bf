// Identifiers for generated code, made from schema names: no two definitions get the same one.

import type { Schema } from '../schema.ts';

/** `query-block-jobs`, `DEVICE_DELETED`, `JobInfo` become `QueryBlockJobs`, `DeviceDeleted`, `JobInfo`. */
export function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => (/[a-z]/.test(word) ? word : word.toLowerCase()))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** Names that generated files use for themselves, or that TypeScript has. */
const reservedIdentifiers = [
  'Array',
  'Client',
  'CommandMap',
  'CommandName',
  'CommandOptions',
  'ConnectOptions',
  'Double',
  'EventMap',
  'EventMessage',
  'EventName',
  'EventOf',
  'EventOptions',
  'EventStream',
  'JsonInteger',
  'JsonNumber',
  'JsonValue',
  'NoMembers',
  'Omit',
  'ParametersOf',
  'Promise',
  'QmpClient',
  'Record',
  'Symbol',
];

/** Gives each type its identifier, by schema name. The implicit bases of unions have none: they are never named. */
export function typeIdentifiers(schema: Schema): ReadonlyMap<string, string> {
  const taken = new Set(reservedIdentifiers);
  const identifiers = new Map<string, string>();
  const assign = (name: string, wanted: string): void => {
    let identifier = /^[0-9]/.test(wanted) ? `_${wanted}` : wanted;
    while (taken.has(identifier)) identifier += '_';
    taken.add(identifier);
    identifiers.set(name, identifier);
  };
  for (const definition of schema.definitions) {
    if (definition.kind === 'command' || definition.kind === 'event') continue;
    // Explicit names come first, so that an implicit one never takes a name that the schema itself uses.
    if (definition.kind !== 'object' || !definition.implicit) {
      assign(definition.name, definition.name.replaceAll(/[^A-Za-z0-9_$]/g, '_'));
    }
  }
  for (const definition of schema.definitions) {
    if (definition.kind !== 'command' && definition.kind !== 'event') continue;
    const [used, role] =
      definition.kind === 'command' ? [definition.arguments, 'Arguments'] : [definition.data, 'Data'];
    if (used !== undefined && !identifiers.has(used)) assign(used, pascalCase(definition.name) + role);
  }
  return identifiers;
}
