// From a program's values to QMP's JSON: what a caller passes as `arguments` becomes a JsonObject, and everything that
// JSON (or QMP) has no form for is refused with its place, before anything is sent.

import { Double, type JsonObject, type JsonValue, jsonObject } from '../json/value.ts';
import { LocalError } from '../util/local-error.ts';

/** As deep as QEMU's parser goes; a cycle ends here too. */
const nestingMax = 1024;
const integerMin = -(2n ** 63n);
const integerMax = 2n ** 64n - 1n;

/** Members that are undefined are left out, as JSON.stringify does. Throws ERR_QMPD_ARGUMENTS. */
export function toArguments(command: string, args: object): JsonObject {
  return toObject({ command, path: '', depth: 0 }, args);
}

interface Place {
  readonly command: string;
  readonly path: string;
  readonly depth: number;
}

function toValue(place: Place, value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw refused(place, `${value} has no form in JSON`);
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) return fromLargeNumber(place, value);
      return value;
    case 'bigint':
      if (value < integerMin || value > integerMax) throw refused(place, `${value} does not fit 64 bits`);
      return value;
    case 'object':
      if (value === null || value instanceof Double) return value;
      if (place.depth >= nestingMax) throw refused(place, `nested deeper than ${nestingMax}, or a cycle`);
      return Array.isArray(value) ? toArray(place, value) : toObject(place, value);
    default:
      throw refused(place, `a ${typeof value} has no form in JSON`);
  }
}

/** A number beyond 2^53 has lost digits already; that it was meant as an integer can only be a mistake. */
function fromLargeNumber(place: Place, value: number): never {
  throw refused(place, `${value} is beyond 2^53 and may have lost digits: pass a bigint`);
}

function toArray(place: Place, values: readonly unknown[]): JsonValue[] {
  return values.map((value, index) =>
    toValue({ command: place.command, path: `${place.path}[${index}]`, depth: place.depth + 1 }, value),
  );
}

function toObject(place: Place, value: object): JsonObject {
  const result = jsonObject();
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const path = place.path === '' ? key : `${place.path}.${key}`;
    result[key] = toValue({ command: place.command, path, depth: place.depth + 1 }, member);
  }
  return result;
}

function refused(place: Place, why: string): LocalError {
  return new LocalError('ERR_QMPD_ARGUMENTS', `${place.command}: argument '${place.path}': ${why}`);
}
