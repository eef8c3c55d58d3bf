// Values of QMP's JSON dialect (QEMU: qobject/). Integers are never damaged: those beyond 2^53 are bigint, and a
// number that was written as a double but has an integral value (1.0, 1e3, 1e400) is kept apart from an integer,
// since QEMU's visitors accept `1` and refuse `1.0` where an integer is wanted.

/** A double whose value alone would look like an integer. All other doubles are plain (non-integral) numbers. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** An integer from -2^63 to 2^64-1: `number` when it is safe, `bigint` beyond. */
export type JsonInteger = number | bigint;

export type JsonValue = null | boolean | number | bigint | Double | string | JsonValue[] | JsonObject;

/** A dictionary from the wire: it inherits nothing, so that `__proto__` and `constructor` are keys like any other. */
export interface JsonObject {
  [key: string]: JsonValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Double);
}

/**
 * Makes objects whose prototype is empty and inherits nothing. To look up a name that is the same as in an object
 * without prototype, but V8 keeps the latter as hash tables, which are slower to fill and larger.
 */
class Dictionary {
  [key: string]: JsonValue;
}
Object.setPrototypeOf(Dictionary.prototype, null);
Reflect.deleteProperty(Dictionary.prototype, 'constructor');

/** A dictionary as the parser makes it, with these members. */
export function jsonObject(members?: Readonly<Record<string, JsonValue>>): JsonObject {
  const object = new Dictionary();
  return members === undefined ? object : Object.assign(object, members);
}
