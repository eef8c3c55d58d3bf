// Loads v86 and makes emulators of it. v86 is imported only after the guest clock is in its place.

import type { DriveOption } from '../drives.ts';
import type { Media } from './media.ts';
import type { MachinePlan } from './messages.ts';
import type { Emulator, V86Constructor, V86Options } from './v86.ts';

interface WasmInstance {
  readonly exports: unknown;
}

/** The part of the WebAssembly interface used here; Node's types leave it out. */
interface WasmNamespace {
  instantiate(module: object, imports: object): Promise<WasmInstance>;
}

/** Enough for 2560x1600 in 32 bits. */
const videoMemoryBytes = 16 * 1024 * 1024;

export async function emulatorBuilder(
  module: object,
): Promise<(plan: MachinePlan, media: Media) => Promise<Emulator>> {
  const loaded: unknown = await import('v86');
  const { V86 } = loaded as { V86: V86Constructor };
  const wasm = Reflect.get(globalThis, 'WebAssembly') as WasmNamespace;
  const instantiate = async (imports: object): Promise<unknown> =>
    (await wasm.instantiate(module, imports)).exports;
  return (plan, media) =>
    new Promise((resolve) => {
      const emulator = new V86(optionsOf(plan, media, instantiate));
      emulator.add_listener('emulator-loaded', () => resolve(emulator));
    });
}

function optionsOf(plan: MachinePlan, media: Media, instantiate: V86Options['wasm_fn']): V86Options {
  const drive = (name: DriveOption): Partial<V86Options> => {
    const medium = media.get(name);
    return medium === undefined ? {} : { [name]: medium };
  };
  const image = (name: keyof V86Options, buffer: ArrayBuffer | undefined): Partial<V86Options> =>
    // v86 writes into a kernel image while it loads it, so each emulator gets a copy.
    buffer === undefined ? {} : { [name]: { buffer: buffer.slice(0) } };
  return {
    wasm_fn: instantiate,
    memory_size: plan.memoryBytes,
    vga_memory_size: videoMemoryBytes,
    acpi: true,
    autostart: false,
    disable_speaker: true,
    disable_keyboard: true,
    disable_mouse: true,
    net_device: { type: plan.networkCard?.model ?? 'none' },
    uart1: plan.serialPorts[1],
    uart2: plan.serialPorts[2],
    uart3: plan.serialPorts[3],
    boot_order: plan.bootOrder,
    bios: { buffer: plan.firmware },
    ...image('vga_bios', plan.vgaFirmware),
    ...image('bzimage', plan.kernel),
    ...image('initrd', plan.initrd),
    cmdline: plan.append,
    ...drive('fda'),
    ...drive('fdb'),
    ...drive('hda'),
    ...drive('hdb'),
    ...drive('cdrom'),
  };
}
