// Completion for the shell: from the text in front of the cursor and the server's own description of its commands to
// what may come next. Pure; the words are those of notation.ts.

import type { Introspection, SchemaMember } from '../../client/index.ts';
import { localCommands } from './local-commands.ts';

/** The candidates for the last word, and that word. */
export type Completion = [candidates: string[], word: string];

export function complete(introspection: Introspection | undefined, text: string): Completion {
  const words = text.trimStart().split(/\s+/);
  const word = words.at(-1) ?? '';
  const [command = ''] = words;
  if (words.length <= 1) return [commandNames(introspection, word, localCommands), word];
  if (command === 'help') return [words.length > 2 ? [] : commandNames(introspection, word, []), word];
  if (introspection === undefined) return [[], word];
  const given = assignedWords(words.slice(1, -1));
  const equals = word.indexOf('=');
  const candidates =
    equals < 0
      ? keyCandidates(introspection, command, word, given)
      : valueCandidates(introspection, command, word.slice(0, equals), word.slice(equals + 1), given);
  return [candidates, word];
}

function commandNames(
  introspection: Introspection | undefined,
  prefix: string,
  more: readonly string[],
): string[] {
  return [...(introspection?.commands ?? []), ...more]
    .filter((name) => name.startsWith(prefix))
    .sort()
    .map((name) => `${name} `);
}

function keyCandidates(
  introspection: Introspection,
  command: string,
  word: string,
  given: ReadonlyMap<string, string>,
): string[] {
  const parts = word.split('.');
  const prefix = parts.slice(0, -1);
  const start = parts.at(-1) ?? '';
  const path = prefix.map((part) => `${part}.`).join('');
  const place = introspection.place(command, prefix, (keys) => given.get(keys.join('.')));
  return place.members
    .filter((member) => member.name.startsWith(start) && !given.has(path + member.name))
    .sort(mandatoryFirst)
    .map((member) => {
      const inside = introspection.place(command, [...prefix, member.name], (keys) =>
        given.get(keys.join('.')),
      );
      return `${path}${member.name}${inside.members.length > 0 ? '.' : '='}`;
    });
}

function valueCandidates(
  introspection: Introspection,
  command: string,
  key: string,
  start: string,
  given: ReadonlyMap<string, string>,
): string[] {
  const place = introspection.place(command, key.split('.'), (keys) => given.get(keys.join('.')));
  return place.words.filter((value) => value.startsWith(start)).map((value) => `${key}=${value} `);
}

function assignedWords(words: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals > 0) given.set(word.slice(0, equals), word.slice(equals + 1).replace(/^(['"])(.*)\1$/, '$2'));
  }
  return given;
}

function mandatoryFirst(one: SchemaMember, other: SchemaMember): number {
  return Number(one.optional) - Number(other.optional);
}
