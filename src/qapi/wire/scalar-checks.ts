// The checks of built-in types on the wire, with QEMU's ranges, texts and their peculiarities: sized integers are
// read as 64-bit ones first, so a wrong kind of value is told in the words of those; a uint64 takes negative numbers.
// Answers to QEMU's qapi/qapi-visit-core.c and qobject-input-visitor.c.

import type { JsonValue } from '../../json/value.ts';
import { Double } from '../../json/value.ts';
import { WireFault } from './wire-fault.ts';

/** Says what is wrong with a value, or nothing. `name` is the value's own name in the object that it is in. */
export type Check = (value: JsonValue, name: string) => WireFault | undefined;

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

function isInteger(value: JsonValue): value is number | bigint {
  return typeof value === 'number' ? Number.isInteger(value) : typeof value === 'bigint';
}

function signed(bits?: number): Check {
  const limit = bits === undefined ? Number.POSITIVE_INFINITY : 2 ** (bits - 1);
  return (value, name) => {
    const fits = isInteger(value) && (typeof value === 'number' || (value >= int64Min && value <= int64Max));
    if (!fits) return WireFault.invalidType('integer');
    if (value < -limit || value >= limit) return WireFault.of(`Parameter '${name}' expects int${bits}_t`);
    return undefined;
  };
}

function unsigned(bits?: number): Check {
  const limit = bits === undefined ? undefined : 2 ** bits;
  return (value, name) => {
    if (!isInteger(value)) return WireFault.at("Parameter '", "' expects uint64");
    if (limit !== undefined && (value < 0 || value >= limit)) {
      return WireFault.of(`Parameter '${name}' expects uint${bits}_t`);
    }
    return undefined;
  };
}

function kind(expected: string, holds: (value: JsonValue) => boolean): Check {
  return (value) => (holds(value) ? undefined : WireFault.invalidType(expected));
}

export const builtinChecks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['str', kind('string', (value) => typeof value === 'string')],
  ['bool', kind('boolean', (value) => typeof value === 'boolean')],
  [
    'number',
    kind(
      'number',
      (value) => typeof value === 'number' || typeof value === 'bigint' || value instanceof Double,
    ),
  ],
  ['null', kind('null', (value) => value === null)],
  ['any', () => undefined],
  ['int', signed()],
  ['int8', signed(8)],
  ['int16', signed(16)],
  ['int32', signed(32)],
  ['int64', signed()],
  ['uint8', unsigned(8)],
  ['uint16', unsigned(16)],
  ['uint32', unsigned(32)],
  ['uint64', unsigned()],
  ['size', unsigned()],
]);
