// How the members of a chardev's backend are written as words of QEMU's `-chardev` ("file,id=c0,path=/out": path is the
// member `out` of chardev-add). Each kind of chardev says it once (src/chardevs/kinds); whoever reads a command line
// reads with it, and an engine that starts a QEMU writes with it. Not the option's syntax: that is key=value text.

import type { JsonObject, JsonValue } from '../json/value.ts';

/** What a word's value is; `list`: the elements are words of their own, NAME.0, NAME.1 ... */
export type WordKind = 'string' | 'boolean' | 'number' | 'size' | 'list';

/** By name; undefined: not given. */
export type Words = Readonly<Record<string, JsonValue | undefined>>;

/** One member of a backend's data, and its words. */
export interface MemberWords<Value = JsonValue> {
  readonly words: Readonly<Record<string, WordKind>>;
  /** The member for the words that were given, which may be text still; undefined: leave the member out. */
  read(words: JsonObject): JsonValue | undefined;
  /** `data`: all members, for words that depend on others. Throws a QmpError for what the command line cannot say. */
  write(value: Value | undefined, data: JsonObject): Words;
  /** Throws a QmpError, in QEMU's words, for given words that QEMU would not take. */
  check?(words: JsonObject): void;
}

/** A kind of chardev as far as engines know it. */
export interface ChardevType {
  /** As on the wire: "socket". */
  readonly type: string;
  /** Who can make one: this process, a QEMU for its machine, or either. */
  readonly livesIn: 'qmpd' | 'engine' | 'both';
  /** By member, in the order in which they are written. */
  readonly words: Readonly<Record<string, MemberWords>>;
}

/** The words that QEMU takes for truth; others stay what they are. */
export function truth(value: JsonValue | undefined): JsonValue | undefined {
  if (value === 'on' || value === 'yes' || value === 'true' || value === 'y') return true;
  if (value === 'off' || value === 'no' || value === 'false' || value === 'n') return false;
  return value;
}
