// What is to be known of one kind of chardev (QEMU: ChardevBackendKind), in one place: its words on the command line,
// where it can be made, how it opens, and what the manual says of it. Everything else is derived: chardev-add's checks,
// --chardev, `qmpd translate`, what a QEMU process is given, the table of docs/chardevs.md.

import type { JsonObject } from '../json/value.ts';
import type { MemberWords } from '../machine/chardev-words.ts';
import type { ChardevBackend, ChardevBackendKind, ChardevCommon } from '../schema/index.ts';
import type { ObjectResolver } from '../transports/layers/object-resolver.ts';
import type { Backend, BackendContext, BackendHost } from './backend.ts';
import type { OpenChardev } from './open-chardev.ts';
import { textWord, truthWord } from './words.ts';

/** The members of a kind, as chardev-add has them in `data`; the schema's validator has seen them. */
export type Data<K extends ChardevBackendKind> = Extract<ChardevBackend, { type: K }>['data'];

/** Words for each member of the kind's own: a member without words does not compile. */
export type ChardevWords<K extends ChardevBackendKind> = {
  readonly [M in Exclude<keyof Data<K>, keyof ChardevCommon>]-?: MemberWords<NonNullable<Data<K>[M]>>;
};

/** The members that every kind has. */
export const commonWords: {
  readonly [M in keyof ChardevCommon]-?: MemberWords<NonNullable<ChardevCommon[M]>>;
} = { logfile: textWord('logfile'), logappend: truthWord('logappend') };

interface Described<K extends ChardevBackendKind> {
  readonly type: K;
  readonly words: ChardevWords<K>;
  /** Names that older releases of QEMU have for it on the command line. */
  readonly formerNames?: readonly string[];
  /** Words that make one, without type and id: "path=out.log". Tests make it, in an empty directory. */
  readonly example: string;
  /** What the manual says of it, in Markdown. */
  readonly notes: string;
}

/** Only QEMU itself has it: it can be declared for a machine of QEMU, and not be opened here. */
interface MadeByQemu {
  readonly livesIn: 'engine';
  readonly check?: never;
  readonly open?: never;
  readonly openShared?: never;
}

/** `check` throws a QmpError for what can be known without opening anything. */
interface MadeHere<K extends ChardevBackendKind> {
  readonly livesIn: 'qmpd' | 'both';
  check?(data: Data<K>, context: { readonly objects: ObjectResolver }): void;
}

/** `open` throws a QmpError for what `check` cannot know, and then leaves nothing behind. */
interface Backed<K extends ChardevBackendKind> extends MadeHere<K> {
  open(host: BackendHost, data: Data<K>, context: BackendContext): Promise<Backend> | Backend;
  readonly openShared?: never;
}

/** It has several frontends, so it is a chardev itself and not a backend below one. Else as `open`. */
interface Shared<K extends ChardevBackendKind> extends MadeHere<K> {
  openShared(id: string, data: Data<K>, context: BackendContext): Promise<OpenChardev>;
  readonly open?: never;
}

export type ChardevKind<K extends ChardevBackendKind> = Described<K> & (MadeByQemu | Backed<K> | Shared<K>);

/** A kind of which it is not known which one; the data is that of its type. */
export interface AnyChardevKind {
  readonly type: ChardevBackendKind;
  readonly livesIn: 'qmpd' | 'engine' | 'both';
  readonly words: Readonly<Record<string, MemberWords>>;
  readonly formerNames?: readonly string[];
  readonly example: string;
  readonly notes: string;
  check?(data: JsonObject, context: { readonly objects: ObjectResolver }): void;
  open?(host: BackendHost, data: JsonObject, context: BackendContext): Promise<Backend> | Backend;
  openShared?(id: string, data: JsonObject, context: BackendContext): Promise<OpenChardev>;
}
