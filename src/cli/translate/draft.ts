// What a command line has come to so far: options of machine-set, declarations in their order, and what is to be said
// to the user about it.

import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import type { MachineOptionName } from '../../schema/index.ts';

export interface TranslatedCommand {
  readonly execute: string;
  readonly arguments?: JsonObject;
}

export interface Note {
  /** As on the command line: "-daemonize". */
  readonly option: string;
  /** `lost`: nothing in the script stands for it; `changed`: something else than QEMU would do. */
  readonly kind: 'lost' | 'changed';
  readonly text: string;
}

export class Draft {
  readonly options: JsonObject = jsonObject();
  readonly notes: Note[] = [];
  readonly #declarations: TranslatedCommand[] = [];
  /** Servers and monitors, which name chardevs and objects. */
  readonly #entrances: TranslatedCommand[] = [];
  readonly #counts = new Map<string, number>();
  /** Options that were on the command line, for defaults that depend on it. */
  readonly seen: Set<string> = new Set();
  /** The option that is being translated, for notes. */
  option = '';

  get declarations(): readonly TranslatedCommand[] {
    return [...this.#declarations, ...this.#entrances];
  }

  set(name: MachineOptionName, value: JsonValue): void {
    this.options[name] = value;
  }

  /** Sets members of an option that is an object, and keeps its others. */
  merge(name: MachineOptionName, members: JsonObject): void {
    const former = this.options[name];
    this.options[name] = jsonObject({
      ...(typeof former === 'object' ? (former as JsonObject) : {}),
      ...members,
    });
  }

  /** Appends to an option that is a list. */
  push(name: MachineOptionName, ...values: readonly JsonValue[]): void {
    const former = this.options[name];
    this.options[name] = [...(Array.isArray(former) ? former : []), ...values];
  }

  /** Members that an option keeps under `properties`, because the schema does not know them. */
  properties(name: MachineOptionName, members: JsonObject): void {
    if (Object.keys(members).length === 0) return;
    const former = this.options[name] as JsonObject | undefined;
    const properties = former?.properties as JsonObject | undefined;
    this.merge(name, jsonObject({ properties: jsonObject({ ...properties, ...members }) }));
  }

  declare(execute: string, args: JsonObject): void {
    this.#declarations.push({ execute, arguments: jsonObject(args) });
  }

  /** An object by which clients come in. */
  enter(args: JsonObject): void {
    this.#entrances.push({ execute: 'object-add', arguments: jsonObject(args) });
  }

  lost(text: string): void {
    this.notes.push({ option: this.option, kind: 'lost', text });
  }

  changed(text: string): void {
    this.notes.push({ option: this.option, kind: 'changed', text });
  }

  /** 0 for the first time of this name, then 1 ... */
  count(name: string): number {
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    return count;
  }
}

/** Puts one option of the command line into the draft; `text` is what follows it, empty if nothing does. */
export type Translator = (draft: Draft, text: string) => void;

export type TranslatorEntry = readonly [option: string, translator: Translator];
