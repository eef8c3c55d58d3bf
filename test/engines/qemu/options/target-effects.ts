// Effects of options that only machines other than PCs have. They are seen where QEMU for those is installed.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isJsonObject, type JsonObject } from '../../../../src/json/value.ts';
import { QemuUnderTest } from '../../../kit/qemu/qemu-under-test.ts';
import { type OptionEffect, wire } from './option-effect.ts';

/** An ARM program that ends the machine by semihosting: r0 = SYS_EXIT, r1 = ADP_Stopped_ApplicationExit, svc. */
const exitProgram = [0xe3a00018, 0xe59f1000, 0xef123456, 0x20026];

export interface TargetEffect extends OptionEffect {
  readonly target: 'arm' | 'sparc' | 'xen';
}

/** Options that a QEMU for PCs knows and refuses: what it says shows that it was given them. */
export const notForPcs: readonly (readonly [options: JsonObject, word: string])[] = [
  [wireObject({ 'graphics-mode': { width: 800, height: 600 } }), '-g 800x600'],
  [wireObject({ 'prom-env': [{ name: 'a', value: 'b' }] }), '-prom-env a=b'],
  [wireObject({ semihosting: { enable: true } }), '-semihosting-config enable=on'],
  [wireObject({ xen: { attach: true } }), '-xen-attach'],
  [wireObject({ xen: { 'domid-restrict': true } }), '-xen-domid-restrict'],
];

function wireObject(value: object): JsonObject {
  const object = wire(value);
  assert(isJsonObject(object));
  return object;
}

export function targetEffects(directory: string): readonly TargetEffect[] {
  const deviceTree = async (qemu: QemuUnderTest): Promise<Buffer> => {
    const filename = path.join(directory, `tree-${qemu.pid}`);
    await qemu.execute('dumpdtb', { filename });
    return readFileSync(filename);
  };
  const program = path.join(directory, 'program.bin');
  writeFileSync(program, Uint8Array.from(new Uint8Array(Uint32Array.from(exitProgram).buffer)));
  const firmware = path.join(directory, 'sparc.bin');
  writeFileSync(firmware, Buffer.alloc(65_536));
  const machine = { type: 'versatilepb' };
  return [
    {
      target: 'sparc',
      options: { 'graphics-mode': { width: 1024, height: 768, depth: 8 }, vga: 'tcx', firmware },
      see: async (qemu) =>
        assert.match(await qemu.hmp('info qtree'), / width = 1024 [\s\S]* height = 768 [\s\S]* depth = 8 /),
    },
    {
      target: 'sparc',
      options: { 'prom-env': [{ name: 'boot-args', value: 'a,b=c' }], firmware },
      see: async (qemu) => {
        const dump = await qemu.hmp('xp /160c 0x71200000');
        const text = [...dump.matchAll(/'(.)'/g)].map((match) => match[1]).join('');
        assert.match(text, /boot-args=a,b=c/);
      },
    },
    {
      // Without a Xen below it gets as far as asking for it.
      target: 'xen',
      options: { xen: { domid: 4711, attach: true }, machine: { type: 'xenpv' } },
      refused: /failed to initialize xen/,
    },
    {
      target: 'arm',
      options: {
        semihosting: { enable: true, target: 'native', arguments: ['a,b', 'c'] },
        machine,
        kernel: program,
      },
      see: async (qemu) => {
        await assert.rejects(async () => {
          await qemu.execute('cont');
          for (;;) await qemu.execute('query-status');
        }, /QEMU ended/);
      },
    },
    {
      target: 'arm',
      options: { seed: 4711, machine: { type: 'virt' } },
      // The device tree has random numbers for the kernel, which are the same for the same seed.
      see: async (qemu, binary) => {
        const words = ['-display', 'none', '-nodefaults', '-machine', 'virt'];
        await using same = await QemuUnderTest.start(binary, [...words, '-seed', '4711']);
        await using other = await QemuUnderTest.start(binary, [...words, '-seed', '4712']);
        const [a, b, c] = await Promise.all([qemu, same, other].map(deviceTree));
        assert(a !== undefined && b !== undefined && c !== undefined);
        assert(a.equals(b));
        assert(!a.equals(c));
      },
    },
    {
      target: 'arm',
      options: { 'old-param': true, machine, kernel: program },
      until: 9,
      // The first word of the old parameters is the size of a page; of the new ones, that of a tag.
      see: async (qemu) => assert.match(await qemu.hmp('xp /1xw 0x100'), /0x00001000/),
    },
  ];
}
