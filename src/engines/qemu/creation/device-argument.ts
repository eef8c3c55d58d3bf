// A declared device as QEMU's `-device` argument, and which values its properties take. Up to 9.1 device_add passes
// everything through the command line's pairs, so that text will do for any property ("on", "0x10", "128M"), which the
// JSON form of -device refuses; since then both take JSON's own types (QEMU: system/qdev-monitor.c, qmp_device_add).

import { isJsonInteger } from '../../../json/integer.ts';
import { printCompact } from '../../../json/print.ts';
import type { JsonObject, JsonValue } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import { pairTexts } from '../options/words.ts';

interface Release {
  readonly major: number;
  readonly minor: number;
}

function takesText({ major, minor }: Release): boolean {
  return major < 9 || (major === 9 && minor < 2);
}

export function deviceArgument(args: JsonObject, release: Release): string {
  const single = Object.values(args).every((value) => value !== null && typeof value !== 'object');
  return takesText(release) && single ? pairTexts(args).join(',') : printCompact(args);
}

/** How the pairs of the command line write truth (QEMU: qapi_bool_parse). */
const truths: ReadonlySet<JsonValue> = new Set(['on', 'yes', 'true', 'y', 'off', 'no', 'false', 'n']);

const integerText = /^\s*[-+]?(0x[0-9a-f]+|\d+)$/i;

/**
 * Throws a QmpError in QEMU's words for what is certain to be refused: a property's type is a word for people, and many
 * take text of their own form.
 */
export function checkProperty(name: string, type: string, value: JsonValue, release: Release): void {
  const reason = takesText(release) ? faultOfPair(type, value) : faultOfJson(type, value);
  if (reason !== undefined) throw new QmpError(reason.replace('%', name));
}

/** QEMU: qapi/qobject-input-visitor.c, the keyval half; what is not text becomes text first. */
function faultOfPair(type: string, value: JsonValue): string | undefined {
  if (type === 'bool') {
    return typeof value === 'boolean' || truths.has(value)
      ? undefined
      : "Parameter '%' expects 'on' or 'off'";
  }
  // An int32 may be a PCI address.
  if (!/^uint\d+$/.test(type) || isJsonInteger(value)) return undefined;
  return typeof value === 'string' && integerText.test(value) ? undefined : "Parameter '%' expects integer";
}

/** The other half. */
function faultOfJson(type: string, value: JsonValue): string | undefined {
  if (type === 'bool' && typeof value !== 'boolean') return wrongType('boolean');
  if (type === 'str' && typeof value !== 'string') return wrongType('string');
  if (isJsonInteger(value)) return undefined;
  if (/^uint\d+$/.test(type)) return "Parameter '%' expects uint64";
  return /^int\d*$/.test(type) && typeof value !== 'string' ? wrongType('integer') : undefined;
}

function wrongType(expected: string): string {
  return `Invalid parameter type for '%', expected: ${expected}`;
}
