// Finds the machine's firmware. SeaBIOS and its VGA BIOS are not part of this package: distributions install them
// with QEMU or on their own.

import path from 'node:path';
import { readNamedFile } from '../../host/named-file.ts';
import { strerror } from '../../util/strerror.ts';
import { optionError } from './option-reader.ts';

const folders = [
  '/usr/share/seabios',
  '/usr/share/qemu',
  '/usr/local/share/qemu',
  '/usr/share/qemu-kvm',
  '/usr/share/edk2-qemu',
];
const firmwareNames = ['bios.bin', 'bios-256k.bin'];
const vgaFirmwareNames = ['vgabios-stdvga.bin'];

const firmwareUnitBytes = 64 * 1024;
/** What fits below 1 MiB above the video memory. */
const firmwareBytesMax = 256 * 1024;
const vgaFirmwareBytesMax = 64 * 1024;

/** Larger than any firmware, so that one that is too large is told its size. */
const readBytesMax = 16 * 1024 * 1024;

export interface Firmware {
  readonly main: ArrayBuffer;
  /** Without it there is no picture before the guest's own drivers. */
  readonly vga: ArrayBuffer | undefined;
}

/** A name without a slash is looked for in the usual folders, as QEMU does. */
export async function findFirmware(main: string | undefined, vga: string | undefined): Promise<Firmware> {
  return {
    main: await findMain(main),
    vga: vga === undefined ? await findFirst(vgaFirmwareNames) : await findVga(vga),
  };
}

async function findMain(name: string | undefined): Promise<ArrayBuffer> {
  const image = name === undefined ? await findFirst(firmwareNames) : await readNamed('firmware', name);
  if (image === undefined) {
    throw optionError(
      'firmware',
      `no SeaBIOS found in ${folders.join(', ')}: install the package seabios, or set the path of a bios.bin`,
    );
  }
  if (
    image.byteLength === 0 ||
    image.byteLength % firmwareUnitBytes !== 0 ||
    image.byteLength > firmwareBytesMax
  ) {
    throw optionError(
      'firmware',
      `an image of ${image.byteLength} bytes cannot be used: 64, 128, 192 or 256 KiB are expected`,
    );
  }
  return image;
}

async function findVga(name: string): Promise<ArrayBuffer> {
  const image = await readNamed('vga-firmware', name);
  if (image.byteLength > 0 && image.byteLength <= vgaFirmwareBytesMax) return image;
  throw optionError(
    'vga-firmware',
    `an image of ${image.byteLength} bytes cannot be used: at most 64 KiB are expected`,
  );
}

async function findFirst(names: readonly string[]): Promise<ArrayBuffer | undefined> {
  for (const name of names) {
    for (const folder of folders) {
      const image = await readImage(path.join(folder, name), readBytesMax).catch(() => undefined);
      if (image !== undefined) return image;
    }
  }
  return undefined;
}

async function readNamed(option: string, name: string): Promise<ArrayBuffer> {
  const found = name.includes('/') ? undefined : await findFirst([name]);
  return (
    found ??
    (await readImage(name, readBytesMax).catch((thrown: unknown) => {
      throw optionError(option, `Could not read '${name}': ${strerror(thrown)}`);
    }))
  );
}

/** The contents in a buffer of their own, as v86 wants it. Rejects when it is not a regular file, or is larger. */
export async function readImage(file: string, bytesMax: number): Promise<ArrayBuffer> {
  const contents = await readNamedFile(file, bytesMax);
  const buffer = new ArrayBuffer(contents.byteLength);
  new Uint8Array(buffer).set(contents);
  return buffer;
}
