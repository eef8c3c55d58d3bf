// Descriptors that a declaration names, for a QEMU that is about to start: getfd and add-fd are refused in QEMU's
// preconfig state, so they are inherited, and their numbers take the place of the names.

import { printCompact } from '../../../json/print.ts';
import { MessageSource } from '../../../json/source.ts';
import type { JsonObject, JsonValue } from '../../../json/value.ts';
import type { Declaration, DeclaringCommands } from '../../../machine/engine.ts';
import { QmpError } from '../../../qmp/error.ts';
import { descriptorUses, renaming } from '../../../qmp/fds/descriptor-uses.ts';
import { fdsetNumbers } from '../../../qmp/fds/fdsets.ts';
import type { OwnedFd } from '../../../util/owned-fd.ts';
import { parseObject } from '../../upstream/json-text.ts';

/** After standard input, output and error. */
const firstInherited = 3;

export class InheritedFds {
  /** In the order of their numbers in QEMU. */
  readonly fds: number[] = [];
  readonly #fdsetArguments: string[] = [];
  /** What QEMU will have of each fdset: numbers of our descriptors. */
  readonly fdsets: Map<string, readonly number[]> = new Map();
  readonly #declaring: DeclaringCommands;
  readonly #fdset: (id: string) => readonly number[];

  /** `fdset` gives the descriptors of one of our fdsets. */
  constructor(declaring: DeclaringCommands, fdset: (id: string) => readonly number[]) {
    this.#declaring = declaring;
    this.#fdset = fdset;
  }

  /** QEMU's arguments for the fdsets that were named. */
  get argv(): readonly string[] {
    return this.#fdsetArguments;
  }

  /** The declaration with numbers for names. `byNumber`: whether any was replaced. */
  resolve(declaration: Declaration): { readonly declaration: Declaration; readonly byNumber: boolean } {
    const { kind, id, arguments: args, fds } = declaration;
    this.inheritFdsets(args);
    const { name: command, traits } = this.#declaring[kind];
    const uses = descriptorUses(command, traits, args);
    if (uses.length === 0) return { declaration, byNumber: false };
    const replacements = renaming(uses, (name) => {
      const fd = fds?.get(name);
      if (fd === undefined) {
        throw new QmpError(`The ${kind} '${id}' names the descriptor '${name}', which has not been found`);
      }
      return String(this.#inherit(fd.fd));
    });
    const source = new MessageSource(Buffer.from(printCompact(args), 'latin1'));
    const resolved: JsonObject = parseObject(source.replace(replacements));
    return { declaration: { ...declaration, arguments: resolved }, byNumber: true };
  }

  /** QEMU's number for a descriptor that an option names. */
  inherit(option: string, name: string, fds: ReadonlyMap<string, OwnedFd> | undefined): number {
    const fd = fds?.get(name);
    if (fd === undefined) {
      throw new QmpError(`Option '${option}' names the descriptor '${name}', which has not been found`);
    }
    return this.#inherit(fd.fd);
  }

  /** The fdsets that the text names somewhere. */
  inheritFdsets(args: JsonValue): void {
    for (const id of fdsetNumbers(args)) this.#addFdset(id);
  }

  #inherit(fd: number): number {
    this.fds.push(fd);
    return firstInherited + this.fds.length - 1;
  }

  #addFdset(id: string): void {
    if (this.fdsets.has(id)) return;
    const fds = this.#fdset(id);
    this.fdsets.set(id, fds);
    for (const fd of fds) {
      this.#fdsetArguments.push('-add-fd', `fd=${this.#inherit(fd)},set=${id}`);
    }
  }
}
