// Reads guest memory, by physical address or through the page tables of the CPU's present mode (Intel SDM volume 3,
// chapter 4: 32-bit paging and PAE). v86's own translation would give the guest a page fault; this walk changes
// nothing.

import type { MemoryRange } from './messages.ts';
import type { Cpu } from './v86.ts';

const pageBytes = 0x1000;
const pagingBit = 0x80000000;
const largePagesBit = 0x10;
const paeBit = 0x20;
const presentBit = 0x01;
const largeBit = 0x80;
/** Memory that is not RAM: the VGA's window and the firmware below 4 GiB. */
const vgaWindow = { start: 0xa0000, end: 0xc0000 };
const firmwareStart = 0xfff00000;

/** Undefined when a virtual address is not mapped. Physical addresses where nothing is read as 0. */
export function readMemory(cpu: Cpu, { space, address, size }: MemoryRange): Uint8Array | undefined {
  const bytes = new Uint8Array(size);
  if (space === 'physical') {
    readPhysical(cpu, address, bytes);
    return bytes;
  }
  for (let done = 0; done < size; ) {
    const linear = address + done;
    const length = Math.min(size - done, pageBytes - (linear % pageBytes));
    const physical = linear <= 0xffffffff ? translate(cpu, linear) : undefined;
    if (physical === undefined) return undefined;
    readPhysical(cpu, physical, bytes.subarray(done, done + length));
    done += length;
  }
  return bytes;
}

function readPhysical(cpu: Cpu, address: number, into: Uint8Array): void {
  const ramBytes = cpu.memory_size[0] ?? 0;
  const end = address + into.length;
  if (address < ramBytes) into.set(cpu.mem8.subarray(address, Math.min(end, ramBytes)));
  const special = (from: number, to: number): void => {
    for (let at = Math.max(address, from); at < Math.min(end, to); at++)
      into[at - address] = cpu.read8(at | 0);
  };
  special(vgaWindow.start, vgaWindow.end);
  special(firmwareStart, firmwareStart + 0x100000);
}

function translate(cpu: Cpu, linear: number): number | undefined {
  const [cr0 = 0, , , cr3 = 0, cr4 = 0] = [0, 1, 2, 3, 4].map((index) => cpu.cr[index]);
  if ((cr0 & pagingBit) >>> 0 === 0) return linear;
  return (cr4 & paeBit) !== 0 ? walkPae(cpu, cr3, linear) : walk32(cpu, cr3, cr4, linear);
}

function walk32(cpu: Cpu, cr3: number, cr4: number, linear: number): number | undefined {
  const directoryEntry = readWord(cpu, ((cr3 & ~0xfff) >>> 0) + (linear >>> 22) * 4);
  if ((directoryEntry & presentBit) === 0) return undefined;
  if ((directoryEntry & largeBit) !== 0 && (cr4 & largePagesBit) !== 0) {
    return ((directoryEntry & 0xffc00000) >>> 0) + (linear & 0x3fffff);
  }
  const entry = readWord(cpu, ((directoryEntry & ~0xfff) >>> 0) + ((linear >>> 12) & 0x3ff) * 4);
  if ((entry & presentBit) === 0) return undefined;
  return ((entry & ~0xfff) >>> 0) + (linear & 0xfff);
}

/** The upper halves of PAE entries are ignored: there is no memory above 4 GiB. */
function walkPae(cpu: Cpu, cr3: number, linear: number): number | undefined {
  const pointer = readWord(cpu, ((cr3 & ~0x1f) >>> 0) + (linear >>> 30) * 8);
  if ((pointer & presentBit) === 0) return undefined;
  const directoryEntry = readWord(cpu, ((pointer & ~0xfff) >>> 0) + ((linear >>> 21) & 0x1ff) * 8);
  if ((directoryEntry & presentBit) === 0) return undefined;
  if ((directoryEntry & largeBit) !== 0) return ((directoryEntry & 0xffe00000) >>> 0) + (linear & 0x1fffff);
  const entry = readWord(cpu, ((directoryEntry & ~0xfff) >>> 0) + ((linear >>> 12) & 0x1ff) * 8);
  if ((entry & presentBit) === 0) return undefined;
  return ((entry & ~0xfff) >>> 0) + (linear & 0xfff);
}

function readWord(cpu: Cpu, address: number): number {
  const bytes = new Uint8Array(4);
  readPhysical(cpu, address, bytes);
  return new DataView(bytes.buffer).getUint32(0, true);
}
