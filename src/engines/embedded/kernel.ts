// Checks a Linux kernel, initial RAM disk and command line before v86 loads them: it ignores what it does not know
// and would leave a machine that does nothing. Header fields: Linux, Documentation/arch/x86/boot.rst.

import { strerror } from '../../util/strerror.ts';
import { readImage } from './firmware.ts';
import { optionError } from './option-reader.ts';

const bootFlagAt = 0x1fe;
const magicAt = 0x202;
const versionAt = 0x206;
const loadFlagsAt = 0x211;
const extendedFlagsAt = 0x236;
const commandLineSizeAt = 0x238;
const headerBytes = 0x264;

const bootFlag = 0xaa55;
const magic = 0x53726448;
const versionMin = 0x202;
const loadedHigh = 0x01;
const has64BitEntry = 0x01;
/** Before version 2.06 the header does not say how long a command line may be. */
const commandLineBytesDefault = 255;

/** v86 puts the protected-mode part at 1 MiB and the initial RAM disk at 64 MiB. */
const kernelAddress = 1024 * 1024;
const initrdAddress = 64 * 1024 * 1024;

export interface KernelImages {
  readonly kernel: ArrayBuffer;
  readonly initrd: ArrayBuffer | undefined;
  readonly append: string;
}

export async function readKernel(
  paths: { readonly kernel: string; readonly initrd: string | undefined; readonly append: string },
  memoryBytes: number,
): Promise<KernelImages> {
  const kernel = await read('kernel', paths.kernel, memoryBytes);
  const commandLineBytesMax = checkKernel(paths.kernel, kernel);
  if (Buffer.byteLength(paths.append) > commandLineBytesMax) {
    throw optionError('append', `the kernel takes at most ${commandLineBytesMax} bytes`);
  }
  if (kernelAddress + kernel.byteLength > memoryBytes) {
    throw optionError('memory.size', `the kernel needs at least ${kernelAddress + kernel.byteLength} bytes`);
  }
  const initrd = paths.initrd === undefined ? undefined : await read('initrd', paths.initrd, memoryBytes);
  if (initrd !== undefined) checkInitrd(initrd, kernel, memoryBytes);
  return { kernel, initrd, append: paths.append };
}

/** What is larger than the memory could not be loaded. */
async function read(option: string, path: string, memoryBytes: number): Promise<ArrayBuffer> {
  return readImage(path, memoryBytes).catch((thrown: unknown) => {
    throw optionError(option, `Could not read '${path}': ${strerror(thrown)}`);
  });
}

/** The longest command line that the kernel takes. */
function checkKernel(path: string, kernel: ArrayBuffer): number {
  const view = new DataView(kernel);
  const isBzImage =
    kernel.byteLength > headerBytes &&
    view.getUint16(bootFlagAt, true) === bootFlag &&
    view.getUint32(magicAt, true) === magic;
  if (!isBzImage) throw optionError('kernel', `'${path}' is not a Linux kernel image (bzImage)`);
  const version = view.getUint16(versionAt, true);
  if (version < versionMin || (view.getUint8(loadFlagsAt) & loadedHigh) === 0) {
    throw optionError('kernel', `'${path}' is too old: a bzImage of boot protocol 2.02 or later is expected`);
  }
  if ((view.getUint16(extendedFlagsAt, true) & has64BitEntry) !== 0) {
    throw optionError('kernel', `'${path}' is a 64-bit kernel; the embedded engine is a 32-bit PC`);
  }
  return version >= 0x206 ? view.getUint32(commandLineSizeAt, true) : commandLineBytesDefault;
}

function checkInitrd(initrd: ArrayBuffer, kernel: ArrayBuffer, memoryBytes: number): void {
  if (kernelAddress + kernel.byteLength > initrdAddress) {
    throw optionError('kernel', 'with an initrd, a kernel of at most 63 MiB is expected');
  }
  const needed = initrdAddress + initrd.byteLength;
  if (needed > memoryBytes) {
    throw optionError('memory.size', `the initrd needs at least ${needed} bytes (64 MiB and its own size)`);
  }
}
