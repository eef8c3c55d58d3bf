// The grammar: takes the tokens of one message one by one and builds its value, or remembers the first error with
// QEMU's words (qobject/json-parser.c). QEMU before 11.1 keeps all tokens and parses at the end of the message; the
// outcome is the same, since its parser never looks ahead and stops at the first error. Where a message ends is not
// known here: framer.ts counts brackets for that, as QEMU's streamer does. What differs between releases is in dialect.ts.

import { type JsonObject, type JsonValue, jsonObject } from '../value.ts';
import type { Expected, JsonDialect } from './dialect.ts';

/** A container that waits while one inside it is built. */
interface Outer {
  readonly list: JsonValue[] | undefined;
  readonly object: JsonObject | undefined;
  readonly key: string;
  readonly expected: Expected;
}

export class ValueBuilder {
  /** The part of the error after "JSON parse error, "; while it is set every token is ignored. */
  failure: string | undefined;
  /** The finished value; meaningful once the message is complete and there is no failure. */
  value: JsonValue = null;

  readonly #dialect: JsonDialect;
  #expected: Expected = 'value';
  #list: JsonValue[] | undefined;
  #object: JsonObject | undefined;
  #key = '';
  #outer: Outer[] = [];

  constructor(dialect: JsonDialect) {
    this.#dialect = dialect;
  }

  /** True when a string may stand here, as a value or as a key; else the failure is set. Ask before decoding it. */
  admitsString(): boolean {
    if (this.failure !== undefined) return false;
    const expected = this.#expected;
    if (expected !== ':' && expected !== ', or ]' && expected !== ', or }') return true;
    this.failure = this.#dialect.complaints[expected];
    return false;
  }

  /** The same for any other value, which is never a key. */
  admitsValue(): boolean {
    if (!this.admitsString()) return false;
    const keyIsNext = this.#expected === 'key or }' || this.#expected === 'key';
    const { notAKey } = this.#dialect;
    if (!keyIsNext || notAKey.when === 'complete') return true;
    this.failure = notAKey.words;
    return false;
  }

  /** A token that is none: fails the message if nothing did before. */
  reject(): void {
    this.failure ??= this.#dialect.complaints[this.#expected];
  }

  /** A literal, or a container that is complete. Only after `admitsString` or `admitsValue` said yes. */
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
          this.failure = this.#dialect.notAKey.words;
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
    if (!fits || object === undefined) this.#refuse();
    else this.#leave(object);
  }

  closeList(): void {
    if (this.failure !== undefined) return;
    const list = this.#list;
    const fits = this.#expected === ', or ]' || this.#expected === 'element or ]';
    if (!fits || list === undefined) this.#refuse();
    else this.#leave(list);
  }

  comma(): void {
    if (this.failure !== undefined) return;
    if (this.#expected === ', or }') this.#expected = 'key';
    else if (this.#expected === ', or ]') this.#expected = 'element';
    else this.#refuse();
  }

  colon(): void {
    if (this.failure !== undefined) return;
    if (this.#expected === ':') this.#expected = 'member value';
    else this.#refuse();
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

  #refuse(): void {
    this.failure = this.#dialect.complaints[this.#expected];
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
    // The outermost container needs no record: after it nothing waits.
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
