// The order in which declarations are made: what another one names comes first, otherwise the order of declaration.
// A name is any text value inside the arguments; a device's bus names the device that has it ("root1", "scsi0.0").
// References in a circle are left to QEMU, which says what it misses.

import { isJsonObject, type JsonValue } from '../../../json/value.ts';
import type { Declaration } from '../../../machine/engine.ts';

/** Members whose text says what a thing is and not which other thing it uses. */
const notReferences: ReadonlySet<string> = new Set(['driver', 'qom-type', 'type', 'id', 'node-name']);

export function inDependencyOrder(declarations: readonly Declaration[]): Declaration[] {
  const byId = new Map<string, Declaration[]>();
  for (const declaration of declarations) {
    byId.set(declaration.id, [...(byId.get(declaration.id) ?? []), declaration]);
  }
  const ordered: Declaration[] = [];
  const visited = new Set<Declaration>();
  const visit = (declaration: Declaration): void => {
    if (visited.has(declaration)) return;
    visited.add(declaration);
    for (const name of stringsIn(declaration.arguments)) {
      for (const needed of byId.get(name) ?? []) visit(needed);
    }
    ordered.push(declaration);
  };
  for (const declaration of declarations) visit(declaration);
  return ordered;
}

/** All text inside that may name something, and for a bus also its owner. */
export function stringsIn(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    if (notReferences.has(key)) return [];
    if (key === 'bus' && typeof member === 'string') return [member, member.replace(/\.[^.]*$/, '')];
    return stringsIn(member);
  });
}
