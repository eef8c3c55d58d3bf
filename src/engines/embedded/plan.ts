// From the machine's options and declarations to what the worker needs, with everything checked that can be checked
// before a worker is started. Nothing is left open.

import type { JsonObject } from '../../json/value.ts';
import type { DiskImage } from '../../machine/block-nodes.ts';
import type { MachineConfiguration } from '../../machine/engine.ts';
import { QmpError } from '../../qmp/error.ts';
import type { DriveOption } from './drives.ts';
import { readDrives } from './drives.ts';
import { findFirmware } from './firmware.ts';
import { tinyGuestRom } from './guest/tiny-guest.ts';
import { readKernel } from './kernel.ts';
import { type NetworkBackendPlan, readNetwork } from './network.ts';
import { madeOptions } from './option-list.ts';
import { onlyMembers, optionalArray, optionalObject, optionalString, optionError } from './option-reader.ts';
import type { MachinePlan } from './worker/messages.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
const memoryUnitBytes = 128 * kibibyte;
const memoryBytesMin = mebibyte;
/** v86 keeps the upper half of the 32-bit address space for devices. */
const memoryBytesMax = 2048 * mebibyte - memoryUnitBytes;
const memoryBytesDefault = 128 * mebibyte;
const tinyGuestMemoryBytesDefault = mebibyte;

const serialPortsMax = 4;

/** As CMOS has them. */
const bootDevices: Readonly<Record<string, number>> = { floppy: 1, disk: 2, cdrom: 3, network: 4 };
const bootOrderDefault = ['disk', 'floppy', 'cdrom'];

export interface CheckedConfiguration {
  readonly plan: MachinePlan;
  /** The character device of each serial port. */
  readonly serial: readonly (string | undefined)[];
  /** What the network card is connected to, if there is one and it is. */
  readonly network: NetworkBackendPlan | undefined;
}

export async function checkConfiguration(configuration: MachineConfiguration): Promise<CheckedConfiguration> {
  const { options, declarations } = configuration;
  onlyMembers(options, '', madeOptions, 'is not available with the embedded engine, which is one fixed PC');
  const network = readNetwork(options, declarations);
  const device = declarations.find(({ kind }) => kind === 'device');
  if (device !== undefined) {
    throw new QmpError(`Device '${device.id}': the embedded engine has no devices that can be added`);
  }
  const serial = readSerial(options);
  const drives = await readDrives(options, declarations);
  const programs = await readPrograms(options, drives);
  const present = (index: number): boolean => serial[index] !== undefined;
  const plan: MachinePlan = {
    ...programs,
    drives,
    networkCard: network?.card,
    serialPorts: [true, present(1), present(2), present(3)],
    bootOrder: readBootOrder(options),
    rtcBaseMs: readRtcBase(options),
  };
  return { plan, serial, network: network?.backend };
}

function readSerial(options: JsonObject): readonly (string | undefined)[] {
  const ports = optionalArray(options, 'serial') ?? [];
  if (ports.length > serialPortsMax) {
    throw optionError('serial', `the embedded engine has ${serialPortsMax} serial ports`);
  }
  return ports.map((id) => {
    if (id === null) return undefined;
    if (typeof id !== 'string')
      throw optionError('serial', 'the id of a character device or null is expected');
    return id;
  });
}

type Programs = Pick<
  MachinePlan,
  'memoryBytes' | 'firmware' | 'vgaFirmware' | 'kernel' | 'initrd' | 'append'
>;

/** With nothing to boot from, the machine runs the built-in guest. */
async function readPrograms(
  options: JsonObject,
  drives: Partial<Record<DriveOption, DiskImage>>,
): Promise<Programs> {
  const firmware = optionalString(options, 'firmware');
  const kernel = optionalString(options, 'kernel');
  for (const name of ['initrd', 'append']) {
    if (optionalString(options, name) !== undefined && kernel === undefined) {
      throw optionError(name, "it needs 'kernel'");
    }
  }
  if (firmware === undefined && kernel === undefined && Object.keys(drives).length === 0) {
    const memoryBytes = readMemoryBytes(options, tinyGuestMemoryBytesDefault);
    const rom = tinyGuestRom().buffer;
    const nothing = { vgaFirmware: undefined, kernel: undefined, initrd: undefined, append: '' };
    return { memoryBytes, firmware: rom, ...nothing };
  }
  const memoryBytes = readMemoryBytes(options, memoryBytesDefault);
  const found = await findFirmware(firmware, optionalString(options, 'vga-firmware'));
  const append = optionalString(options, 'append') ?? '';
  const images =
    kernel === undefined
      ? { kernel: undefined, initrd: undefined, append }
      : await readKernel({ kernel, initrd: optionalString(options, 'initrd'), append }, memoryBytes);
  return { memoryBytes, firmware: found.main, vgaFirmware: found.vga, ...images };
}

function readMemoryBytes(options: JsonObject, bytesDefault: number): number {
  const memory = optionalObject(options, 'memory');
  if (memory === undefined) return bytesDefault;
  onlyMembers(
    memory,
    'memory',
    ['size'],
    'is not available with the embedded engine: its memory cannot grow',
  );
  const size = memory.size;
  if (size === undefined) return bytesDefault;
  const bytes = Number(size);
  if (bytes < memoryBytesMin || bytes > memoryBytesMax || bytes % memoryUnitBytes !== 0) {
    throw optionError(
      'memory.size',
      `${bytes} bytes are not possible: from 1 MiB to 2047.875 MiB in steps of 128 KiB are expected`,
    );
  }
  return bytes;
}

function readBootOrder(options: JsonObject): number {
  const boot = optionalObject(options, 'boot');
  if (boot !== undefined) {
    onlyMembers(boot, 'boot', ['order'], 'is not available with the embedded engine, only the order is');
  }
  const order = (boot === undefined ? undefined : optionalArray(boot, 'order')) ?? bootOrderDefault;
  let code = 0;
  for (const [position, device] of order.slice(0, 3).entries()) {
    const number = bootDevices[String(device)];
    if (number === undefined)
      throw optionError(
        'boot.order',
        `cannot boot from '${String(device)}'; expected one of: ${Object.keys(bootDevices).join(', ')}`,
      );
    code |= number << (4 * position);
  }
  return code;
}

function readRtcBase(options: JsonObject): number | undefined {
  const rtc = optionalObject(options, 'rtc');
  if (rtc === undefined) return undefined;
  const onlyHost = "is not available with the embedded engine: its clock is the host's";
  if ((optionalString(rtc, 'clock') ?? 'host') !== 'host') throw optionError('rtc.clock', onlyHost);
  if ((optionalString(rtc, 'driftfix') ?? 'none') !== 'none') throw optionError('rtc.driftfix', onlyHost);
  const base = optionalString(rtc, 'base') ?? 'utc';
  if (base === 'utc') return undefined;
  if (base === 'localtime') return Date.now() - new Date().getTimezoneOffset() * 60_000;
  const moment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$/.test(base)
    ? Date.parse(base.includes('T') ? `${base}Z` : base)
    : Number.NaN;
  if (Number.isNaN(moment)) {
    throw optionError('rtc.base', `'${base}' is not utc, localtime, or a moment such as 2006-06-17T16:01:21`);
  }
  return moment;
}
