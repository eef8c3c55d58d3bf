// What can be said of a declaration before creation, from what the probe knows: unknown backends, drivers, devices,
// properties, wrong types. It names what is accepted.

import { parseJson } from '../../../json/parse.ts';
import { printCompact } from '../../../json/print.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import type { Declaration } from '../../../machine/engine.ts';
import { QmpError } from '../../../qmp/error.ts';
import { deviceTypes } from '../options/device-aliases.ts';
import { accepted } from '../probe/introspection.ts';
import type { Probe } from '../probe/probe.ts';
import type { DeclaredChardevs } from './declared-chardevs.ts';
import { checkProperty } from './device-argument.ts';

/** Members of device_add that are not properties of the device. */
const notProperties: ReadonlySet<string> = new Set(['driver', 'id', 'bus']);

/** Rejects with a QmpError for what QEMU would refuse. `command`: which gives it to QEMU. */
export async function checkDeclaration(
  { kind, arguments: args }: Pick<Declaration, 'kind' | 'arguments'>,
  command: string,
  probe: Probe,
  chardevs: DeclaredChardevs,
): Promise<void> {
  if (kind === 'device') {
    await checkDevice(args, probe);
    return;
  }
  // A backend that is ours was checked as such.
  if (kind === 'chardev' && chardevs.isOnlyHere(args)) return;
  (await probe.introspection()).check(command, args);
  if (kind === 'chardev') chardevs.argument(args);
}

async function checkDevice(args: JsonObject, probe: Probe): Promise<void> {
  const { driver } = args;
  if (driver === undefined) throw new QmpError("Parameter 'driver' is missing");
  if (typeof driver !== 'string') {
    throw new QmpError("Invalid parameter type for 'driver', expected: string");
  }
  const properties = await deviceProperties(driver, probe);
  const version = await probe.version();
  for (const [name, value] of Object.entries(args)) {
    if (notProperties.has(name)) continue;
    const type = properties.get(name);
    if (type === undefined) {
      throw new QmpError(`Property '${driver}.${name}' not found${accepted([...properties.keys()])}`);
    }
    checkProperty(name, type, value, version);
  }
}

async function deviceProperties(driver: string, probe: Probe): Promise<ReadonlyMap<string, string>> {
  const list = await propertyList(driver, probe);
  const properties = new Map<string, string>();
  for (const property of Array.isArray(list) ? list : []) {
    if (!isJsonObject(property)) continue;
    const { name, type } = property;
    if (typeof name === 'string' && typeof type === 'string') properties.set(name, type);
  }
  return properties;
}

async function propertyList(driver: string, probe: Probe): Promise<JsonValue | undefined> {
  for (const typename of deviceTypes(driver)) {
    const reply = await probe.ask('device-list-properties', printCompact({ typename }));
    if (reply.kind === 'return') return parseJson(reply.text);
  }
  throw new QmpError(`'${driver}' is not a valid device model name`);
}
