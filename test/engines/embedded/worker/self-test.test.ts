// The check of v86's internals, on a real emulator from which something is taken away.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { tinyGuestRom } from '../../../../src/engines/embedded/guest/tiny-guest.ts';
import { emulatorBuilder } from '../../../../src/engines/embedded/worker/emulator.ts';
import { Media } from '../../../../src/engines/embedded/worker/media.ts';
import { checkInternals } from '../../../../src/engines/embedded/worker/self-test.ts';
import type { Emulator } from '../../../../src/engines/embedded/worker/v86.ts';

async function buildEmulator(): Promise<Emulator> {
  const wasm = await readFile(createRequire(import.meta.url).resolve('v86/build/v86.wasm'));
  const { compile } = Reflect.get(globalThis, 'WebAssembly') as {
    compile(bytes: Uint8Array): Promise<object>;
  };
  const build = await emulatorBuilder(await compile(wasm));
  const plan = {
    memoryBytes: 1 << 20,
    firmware: tinyGuestRom().buffer,
    vgaFirmware: undefined,
    kernel: undefined,
    initrd: undefined,
    append: '',
    drives: {},
    networkCard: { model: 'ne2k', mac: [0x52, 0x54, 0, 0, 0, 1] },
    serialPorts: [true, false, false, false],
    bootOrder: 0x312,
    rtcBaseMs: undefined,
  } as const;
  return build(plan, new Media(() => {}));
}

test('the installed v86 has everything that is touched', async () => {
  checkInternals(await buildEmulator());
});

test('a member that is missing is named', async () => {
  const emulator = await buildEmulator();
  const { cpu } = emulator.v86;
  const missing: readonly (readonly [object, string, RegExp])[] = [
    [cpu.devices.uart0, 'write_data', /v86 internal uart0.write_data is undefined, expected function/],
    [cpu, 'reboot_internal', /v86 internal cpu.reboot_internal is undefined/],
    [cpu.devices.net ?? {}, 'boundary', /v86 internal net.boundary is undefined, expected number/],
  ];
  for (const [owner, name, message] of missing) {
    const value: unknown = Reflect.get(owner, name);
    Reflect.set(owner, name, undefined);
    assert.throws(() => checkInternals(emulator), message);
    Reflect.set(owner, name, value);
  }
  checkInternals(emulator);
});
