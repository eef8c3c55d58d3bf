// What becomes of the declared chardevs of a machine: QEMU makes one for itself, from a `-chardev` argument (it refuses
// chardev-add before the machine exists, and -chardev takes no JSON), or it gets a socket with a qmpd bridge on the
// other end (bridges.ts). What there is to know of each kind comes from the server.

import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import type { ChardevType } from '../../../machine/chardev-words.ts';
import type { Declaration, DeclaringCommand, MachineConfiguration } from '../../../machine/engine.ts';
import { isWellFormedId } from '../../../machine/identifier.ts';
import { QmpError } from '../../../qmp/error.ts';
import { descriptorUses } from '../../../qmp/fds/descriptor-uses.ts';
import { pairTexts } from '../options/words.ts';
import { stringsIn } from './dependency-order.ts';

export class DeclaredChardevs {
  readonly #types: ReadonlyMap<string, ChardevType>;

  readonly #declaring: DeclaringCommand;

  /** `declaring`: what gives one to QEMU. */
  constructor(types: readonly ChardevType[], declaring: DeclaringCommand) {
    this.#declaring = declaring;
    this.#types = new Map(types.map((type) => [type.type, type]));
  }

  /** `-chardev`'s word for the arguments of chardev-add. Throws a QmpError for what the command line cannot express. */
  argument({ id, backend }: JsonObject): string {
    if (typeof id !== 'string' || !isWellFormedId(id)) {
      throw new QmpError(
        `The chardev id '${String(id)}' cannot be used with QEMU: an id starts with a letter and has letters, digits, '-', '.', '_'`,
      );
    }
    const name = typeOf(backend);
    const type = this.#types.get(String(name));
    if (type === undefined || type.livesIn === 'qmpd') {
      throw new QmpError(
        `The chardev '${id}' has the backend type '${String(name)}', which QEMU does not have`,
      );
    }
    const data = isJsonObject(backend) && isJsonObject(backend.data) ? backend.data : {};
    const words = Object.entries(type.words).map(([member, { write }]) => write(data[member], data));
    return `${type.type},${pairTexts(Object.assign({ id }, ...words)).join(',')}`;
  }

  /** Whether the arguments of chardev-add are of a type that only this process has. */
  isOnlyHere({ backend }: JsonObject): boolean {
    return this.#types.get(String(typeOf(backend)))?.livesIn === 'qmpd';
  }

  /** Ids of the chardevs that the machine gets from this process; what is open here and not named is somebody else's. */
  bridged(configuration: MachineConfiguration): string[] {
    const { options, declarations } = configuration;
    const named = new Set(stringsIn(options));
    for (const { arguments: args } of declarations) for (const name of stringsIn(args)) named.add(name);
    return declarations
      .filter((declaration) => this.#isOurs(declaration, configuration))
      .filter(({ id }) => named.has(id) || configuration.openHere?.has(id) !== true)
      .map(({ id }) => id);
  }

  /** What QEMU itself makes. */
  withoutOurs(configuration: MachineConfiguration): MachineConfiguration {
    const { declarations } = configuration;
    return {
      ...configuration,
      declarations: declarations.filter((one) => !this.#isOurs(one, configuration)),
    };
  }

  /** Of a type that only we have, open here already, or on a descriptor that only we have. */
  #isOurs(declaration: Declaration, { openHere }: MachineConfiguration): boolean {
    const { kind, id, arguments: args, fds } = declaration;
    if (kind !== 'chardev') return false;
    if (this.isOnlyHere(args) || openHere?.has(id) === true) return true;
    const { name, traits } = this.#declaring;
    return fds === undefined && descriptorUses(name, traits, args).length > 0;
  }
}

function typeOf(backend: JsonValue | undefined): JsonValue | undefined {
  return isJsonObject(backend) ? backend.type : undefined;
}
