// A device's declaration with everything that QEMU chose when it made the device: its bus, its place there, its MAC
// address, the number of its queues. A machine made from such declarations has each device where the guest knows it,
// whatever else is declared or not any more. (QEMU: the property list of each device model; query-hotpluggable-cpus,
// `info usb`.) QEMU is asked through `ask`; nothing is changed.

import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../../json/value.ts';

export type Ask = (command: string, args?: JsonObject) => Promise<JsonValue>;

const memoryModules: ReadonlySet<JsonValue> = new Set(['pc-dimm', 'nvdimm']);

/** Chosen by QEMU when they are not given, and to be given when the machine is made again. */
const chosen = [
  'mac',
  'num-queues',
  'num_queues',
  'vectors',
  'memaddr',
  'requested-size',
  'chassis',
  'slot',
  'chassis_nr',
];

/** Its default follows from its ports, and giving it makes a difference to the guest. */
const vectorsFollowPorts: ReadonlySet<JsonValue> = new Set(['virtio-serial-pci']);

/** `path`: where the device is, "/machine/peripheral/ID". Rejects with what QEMU answers when it is not there any more. */
export async function completeDevice(ask: Ask, args: JsonObject, path: string): Promise<JsonObject> {
  const names = propertyNames(await ask('qom-list', jsonObject({ path })));
  const get = (property: string): Promise<JsonValue> => ask('qom-get', jsonObject({ path, property }));
  const complete = jsonObject(args);
  const bus = names.has('parent_bus') ? await get('parent_bus') : '';
  const busName = typeof bus === 'string' ? bus.split('/').at(-1) : undefined;
  if (busName) complete.bus = busName;
  await addPlace(complete, names, get, Boolean(busName));
  if (names.has('port') && typeof args.driver === 'string' && args.driver.startsWith('usb-')) {
    const port = typeof args.id === 'string' ? (await usbPorts(ask)).get(args.id) : undefined;
    if (port !== undefined) complete.port = port;
  }
  for (const property of chosen) {
    if (!names.has(property) || property in complete) continue;
    if (property === 'vectors' && vectorsFollowPorts.has(args.driver ?? null)) continue;
    complete[property] = await get(property);
  }
  return complete;
}

async function addPlace(
  complete: JsonObject,
  names: ReadonlySet<string>,
  get: (property: string) => Promise<JsonValue>,
  onBus: boolean,
): Promise<void> {
  const take = async (...properties: readonly string[]): Promise<void> => {
    for (const property of properties) complete[property] = await get(property);
  };
  const { driver } = complete;
  if (memoryModules.has(driver ?? null)) await take('addr', 'slot', 'node');
  else if (typeof driver === 'string' && driver.endsWith('-cpu')) {
    await take(...['socket-id', 'die-id', 'core-id', 'thread-id'].filter((name) => names.has(name)));
  } else if (names.has('addr') && onBus) complete.addr = pciAddress(await get('addr'));
  if (names.has('scsi-id')) await take('channel', 'scsi-id', 'lun');
  if (names.has('nr')) await take('nr');
}

/** QEMU says slot * 8 + function, and takes "slot.function" in hexadecimal. */
function pciAddress(value: JsonValue): JsonValue {
  if (typeof value !== 'number' || value < 0) return value;
  return `${(value >> 3).toString(16)}.${(value & 7).toString(16)}`;
}

function propertyNames(list: JsonValue): ReadonlySet<string> {
  const properties = Array.isArray(list) ? list.filter(isJsonObject) : [];
  return new Set(properties.map(({ name }) => String(name)));
}

/** By device id, its port; the property of that name stays empty. */
async function usbPorts(ask: Ask): Promise<ReadonlyMap<string, string>> {
  const text = await ask('human-monitor-command', jsonObject({ 'command-line': 'info usb' }));
  const lines = typeof text === 'string' ? text.split('\n') : [];
  const found = lines.map((line) => /Port ([\d.]+),.*ID: (\S+)/.exec(line)).filter((match) => match !== null);
  return new Map(found.map(([, port = '', id = '']) => [id, port]));
}
