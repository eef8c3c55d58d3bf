// What is wrong with a wire value, while its place is still being put together: the code that finds the fault knows
// only the value, and each object or list around it adds its own step on the way out. So values that are right cost
// nothing for their places.

/** The place shown for a value that has none: a command's arguments as a whole. */
const anonymous = '<anonymous>';

export class WireFault {
  readonly #before: string;
  readonly #after: string;
  #path: string;
  readonly #fixed: boolean;

  private constructor(before: string, path: string, after: string, fixed: boolean) {
    this.#before = before;
    this.#path = path;
    this.#after = after;
    this.#fixed = fixed;
  }

  /** A text that names the whole place of the value. */
  static at(before: string, after: string, path = ''): WireFault {
    return new WireFault(before, path, after, false);
  }

  /** A text that is complete: some of QEMU's name a member without what it is in. */
  static of(text: string): WireFault {
    return new WireFault(text, '', '', true);
  }

  static invalidType(expected: string): WireFault {
    return WireFault.at("Invalid parameter type for '", `', expected: ${expected}`);
  }

  inMember(name: string): this {
    this.#path = join(name, this.#path);
    return this;
  }

  inElement(index: number): this {
    this.#path = join(`[${index}]`, this.#path);
    return this;
  }

  /** The whole text; `path` is the place of the outermost value, '' for none. */
  text(path: string): string {
    if (this.#fixed) return this.#before;
    const whole = join(path, this.#path);
    return `${this.#before}${whole === '' ? anonymous : whole}${this.#after}`;
  }
}

function join(outer: string, inner: string): string {
  return outer === '' || inner === '' || inner.startsWith('[') ? outer + inner : `${outer}.${inner}`;
}
