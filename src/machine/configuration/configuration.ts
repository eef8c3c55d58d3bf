// The configuration: what the next creation will use. Options are set by `machine-set`, declarations are made by the
// *-add commands before there is a machine. It outlives the machine, so that the same one can be made again. What
// differs from what the present machine was made with is pending.

import { print } from '../../json/print.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import type { Declaration, MachineConfiguration } from '../engine.ts';

export class Configuration {
  readonly #options: Map<string, JsonValue> = new Map();
  readonly #declarations: Declaration[] = [];
  /** By the option that uses them. */
  readonly #fds: Map<string, ReadonlyMap<string, OwnedFd>> = new Map();
  #running: ReadonlyMap<string, JsonValue> | undefined;
  #anonymous = 0;
  #version = 0;

  /** Another number after each change. */
  get version(): number {
    return this.#version;
  }

  get(option: string): JsonValue | undefined {
    return this.#options.get(option);
  }

  /** `fds`: the named descriptors that the value uses; they belong to the configuration from here on. */
  set(option: string, value: JsonValue, fds: ReadonlyMap<string, OwnedFd> = new Map()): void {
    this.#closeFds(option);
    this.#version += 1;
    this.#options.set(option, value);
    if (fds.size > 0) this.#fds.set(option, fds);
  }

  unset(option: string): boolean {
    this.#version += 1;
    this.#closeFds(option);
    return this.#options.delete(option);
  }

  #closeFds(option: string): void {
    for (const fd of this.#fds.get(option)?.values() ?? []) fd.close();
    this.#fds.delete(option);
  }

  /** Names of the options that are set, in the order in which they were. */
  get optionNames(): readonly string[] {
    return [...this.#options.keys()];
  }

  /** What the present machine runs with; undefined while there is none or where the option was not set. */
  running(option: string): JsonValue | undefined {
    return this.#running?.get(option);
  }

  /** Whether there is a machine. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** All options that the present machine runs with. */
  get runningOptions(): JsonObject {
    return jsonObject(Object.fromEntries(this.#running ?? []));
  }

  /** A change took effect on the machine that runs. */
  applied(option: string, value: JsonValue | undefined): void {
    this.#version += 1;
    if (this.#running === undefined) return;
    const running = new Map(this.#running);
    if (value === undefined) running.delete(option);
    else running.set(option, value);
    this.#running = running;
  }

  /** A reset made the machine anew from these options: no option is pending any more, except the engine. */
  reset(options: JsonObject): void {
    const names = new Set([...this.#options.keys(), ...(this.#running?.keys() ?? [])]);
    for (const name of names) {
      if (name !== 'engine' && this.isPending(name)) this.applied(name, options[name]);
    }
  }

  /** True when the option's value differs from what the present machine runs with. */
  isPending(option: string): boolean {
    if (this.#running === undefined) return false;
    return textOf(this.#options.get(option)) !== textOf(this.#running.get(option));
  }

  get declarations(): readonly Declaration[] {
    return this.#declarations;
  }

  declared(kind: Declaration['kind'], id: string): Declaration | undefined {
    return this.#declarations.find((declaration) => declaration.kind === kind && declaration.id === id);
  }

  /** A name for a declaration that a client gave none; no client can use it, since ids begin with a letter. */
  anonymousName(kind: Declaration['kind']): string {
    this.#anonymous += 1;
    return `#${kind}${this.#anonymous}`;
  }

  declare(declaration: Declaration): void {
    this.#version += 1;
    this.#declarations.push(declaration);
  }

  /** False when nothing of that name is declared. */
  withdraw(kind: Declaration['kind'], id: string): boolean {
    this.#version += 1;
    const index = this.#declarations.findIndex((d) => d.kind === kind && d.id === id);
    const [declaration] = index >= 0 ? this.#declarations.splice(index, 1) : [];
    for (const fd of declaration?.fds?.values() ?? []) fd.close();
    return declaration !== undefined;
  }

  /** Has the declaration of the same kind and name in its place among the others. */
  replace(declaration: Declaration): void {
    this.#version += 1;
    const index = this.#declarations.findIndex((d) => d.kind === declaration.kind && d.id === declaration.id);
    if (index >= 0) this.#declarations[index] = declaration;
  }

  /** Has these in place of all declarations of their kind; those that stay the same keep their descriptors. */
  replaceKind(kind: Declaration['kind'], wanted: readonly Declaration[]): void {
    this.#version += 1;
    const gone = this.#declarations.filter((d) => d.kind === kind && !wanted.includes(d));
    const others = this.#declarations.filter((d) => d.kind !== kind);
    for (const { fds } of gone) for (const fd of fds?.values() ?? []) fd.close();
    this.#declarations.splice(0, this.#declarations.length, ...wanted, ...others);
  }

  /** The running machine has this value by now, and the next one is to have it: nothing is pending by it. */
  followed(option: string, value: JsonValue): void {
    this.set(option, value);
    this.applied(option, value);
  }

  /** As it is now, with the chardevs marked that this process has open itself. */
  snapshot(isOpenHere: (chardev: string) => boolean): MachineConfiguration {
    const options: JsonObject = jsonObject(Object.fromEntries(this.#options));
    const declarations = [...this.#declarations];
    const chardevs = declarations.filter(({ kind }) => kind === 'chardev').map(({ id }) => id);
    const fds = new Map([...this.#fds.values()].flatMap((named) => [...named]));
    return {
      options,
      declarations,
      openHere: new Set(chardevs.filter(isOpenHere)),
      ...(fds.size === 0 ? {} : { fds }),
    };
  }

  /** Puts back what an earlier process had, in place of everything. */
  restore({ options, declarations }: MachineConfiguration): void {
    this.#version += 1;
    for (const option of this.#fds.keys()) this.#closeFds(option);
    this.#options.clear();
    for (const [name, value] of Object.entries(options)) this.#options.set(name, value);
    this.#declarations.splice(0, this.#declarations.length, ...declarations);
  }

  /** A machine was made with these options: those of a snapshot, since more may have been set meanwhile. */
  created(options: JsonObject): void {
    this.#version += 1;
    this.#running = new Map(Object.entries(options));
  }

  ended(): void {
    this.#version += 1;
    this.#running = undefined;
  }
}

function textOf(value: JsonValue | undefined): string | undefined {
  return value === undefined ? undefined : print(value);
}
