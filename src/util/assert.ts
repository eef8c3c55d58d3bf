// Programmer errors: conditions that no input from outside can make false. Not for wire errors (src/qmp/error.ts),
// not for failures of the world around us (src/util/local-error.ts).

/** Thrown when the program contradicts itself; nothing catches it on purpose but the outermost guard. */
export class AssertionError extends Error {
  override readonly name: string = 'AssertionError';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Ends a `switch` over a closed union: does not compile while a variant is left over. */
export function assertNever(value: never, what: string): never {
  throw new AssertionError(`${what}: unexpected ${JSON.stringify(value)}`);
}
