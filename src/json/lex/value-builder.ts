// The grammar: takes the tokens of one message one by one and builds its value, or remembers the first error with
// QEMU's words (qobject/json-parser.c). QEMU keeps all tokens and parses at the end of the message; the outcome is
// the same, since its parser never looks ahead and stops at the first error. Where a message ends is not known
// here: message-parser.ts counts brackets for that, as QEMU's streamer does.

import { type JsonObject, type JsonValue, jsonObject } from '../value.ts';

/** What the next token must be. */
type Expected =
  | 'value'
  | 'element or ]'
  | 'element'
  | ', or ]'
  | 'key or }'
  | 'key'
  | ':'
  | 'member value'
  | ', or }';

/** A container that waits while one inside it is built. */
interface Outer {
  readonly list: JsonValue[] | undefined;
  readonly object: JsonObject | undefined;
  readonly key: string;
  readonly expected: Expected;
}

/** The words for a token that does not fit. */
function complaint(expected: Expected): string {
  switch (expected) {
    case ':':
      return 'missing : in object pair';
    case ', or ]':
      return 'expected separator in list';
    case ', or }':
      return 'expected separator in dict';
    default:
      return 'expecting value';
  }
}

export class ValueBuilder {
  /** The part of the error behind "JSON parse error, "; while it is set every token is ignored. */
  failure: string | undefined;
  /** The finished value; meaningful once the message is complete and there is no failure. */
  value: JsonValue = null;

  #expected: Expected = 'value';
  #list: JsonValue[] | undefined;
  #object: JsonObject | undefined;
  #key = '';
  #outer: Outer[] = [];

  /** True when a value (or a key) may stand here; else the failure is set. Ask before decoding a literal. */
  admitsValue(): boolean {
    if (this.failure !== undefined) return false;
    const expected = this.#expected;
    if (expected !== ':' && expected !== ', or ]' && expected !== ', or }') return true;
    this.failure = complaint(expected);
    return false;
  }

  /** A token that is none: fails the message if nothing did before. */
  reject(): void {
    this.failure ??= complaint(this.#expected);
  }

  /** A literal, or a container that is complete. Only after `admitsValue` said yes. */
  add(value: JsonValue): void {
    switch (this.#expected) {
      case 'member value':
        this.#addMember(value);
        return;
      case 'key or }':
      case 'key':
        if (typeof value === 'string') {
          this.#key = value;
          this.#expected = ':';
        } else {
          this.failure = 'key is not a string in object';
        }
        return;
      case 'value':
        this.value = value;
        return;
      default:
        this.#list?.push(value);
        this.#expected = ', or ]';
    }
  }

  openObject(): void {
    if (!this.admitsValue()) return;
    this.#enter();
    this.#object = jsonObject();
    this.#list = undefined;
    this.#expected = 'key or }';
  }

  openList(): void {
    if (!this.admitsValue()) return;
    this.#enter();
    this.#list = [];
    this.#object = undefined;
    this.#expected = 'element or ]';
  }

  closeObject(): void {
    if (this.failure !== undefined) return;
    const object = this.#object;
    const fits = this.#expected === ', or }' || this.#expected === 'key or }';
    if (!fits || object === undefined) this.failure = complaint(this.#expected);
    else this.#leave(object);
  }

  closeList(): void {
    if (this.failure !== undefined) return;
    const list = this.#list;
    const fits = this.#expected === ', or ]' || this.#expected === 'element or ]';
    if (!fits || list === undefined) this.failure = complaint(this.#expected);
    else this.#leave(list);
  }

  comma(): void {
    if (this.failure !== undefined) return;
    if (this.#expected === ', or }') this.#expected = 'key';
    else if (this.#expected === ', or ]') this.#expected = 'element';
    else this.failure = complaint(this.#expected);
  }

  colon(): void {
    if (this.failure !== undefined) return;
    if (this.#expected === ':') this.#expected = 'member value';
    else this.failure = complaint(this.#expected);
  }

  /** Forgets everything: the next token begins a message. */
  reset(): void {
    this.failure = undefined;
    this.value = null;
    this.#expected = 'value';
    this.#list = undefined;
    this.#object = undefined;
    this.#key = '';
    if (this.#outer.length > 0) this.#outer = [];
  }

  #addMember(value: JsonValue): void {
    const object = this.#object;
    if (object === undefined) return;
    // The value comes first and the check second, in QEMU too: an error inside the value is the one reported.
    if (this.#key in object) {
      this.failure = 'duplicate key';
      return;
    }
    object[this.#key] = value;
    this.#expected = ', or }';
  }

  #enter(): void {
    // The outermost container needs no record: behind it nothing waits.
    if (this.#expected === 'value') return;
    this.#outer.push({ list: this.#list, object: this.#object, key: this.#key, expected: this.#expected });
  }

  #leave(container: JsonValue): void {
    const outer = this.#outer.pop();
    this.#list = outer?.list;
    this.#object = outer?.object;
    this.#key = outer?.key ?? '';
    this.#expected = outer?.expected ?? 'value';
    this.add(container);
  }
}
