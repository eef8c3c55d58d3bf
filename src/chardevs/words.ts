// The common shapes of members on the command line: a word for each. Members of another shape, such as addresses, are
// in the file of their kind.

import type { JsonInteger, JsonObject } from '../json/value.ts';
import type { MemberWords, WordKind } from '../machine/chardev-words.ts';
import { QmpError } from '../qmp/error.ts';

export type { WordKind } from '../machine/chardev-words.ts';

/** `missing`: what QEMU says when the word is not there, for a member that every chardev of the kind has. */
export function textWord(word: string, missing?: string): MemberWords<string> {
  return {
    ...single(word, 'string'),
    ...(missing === undefined ? {} : { check: (words) => demand(words, word, missing) }),
  };
}

export function truthWord(word: string): MemberWords<boolean> {
  return single(word, 'boolean');
}

export function numberWord(word: string): MemberWords<JsonInteger> {
  return single(word, 'number');
}

/** A number with a unit: "64K". */
export function sizeWord(word: string): MemberWords<JsonInteger> {
  return single(word, 'size');
}

/** WORD.0, WORD.1 ... */
export function listWord(word: string): MemberWords<string[]> {
  return {
    words: { [word]: 'list' },
    read: (words) => {
      const keys = Object.keys(words).filter((key) => key.startsWith(`${word}.`));
      return keys.length === 0 ? undefined : keys.flatMap((key) => words[key] ?? []);
    },
    write: (values) => ({ [word]: values }),
  };
}

/** Throws a QmpError unless the word was given. */
export function demand(words: JsonObject, word: string, missing: string): void {
  if (words[word] === undefined) throw new QmpError(`chardev: ${missing}`);
}

function single<Value extends string | boolean | JsonInteger>(
  word: string,
  kind: WordKind,
): MemberWords<Value> {
  return {
    words: { [word]: kind },
    read: (words) => words[word],
    write: (value) => ({ [word]: value }),
  };
}
