// What cannot be made is refused with a reason in the client's terms, and nothing is left behind.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { EmbeddedEngine } from '../../../src/engines/embedded/index.ts';
import { type JsonObject, jsonObject } from '../../../src/json/value.ts';
import type { Declaration } from '../../../src/machine/engine.ts';
import { QmpError } from '../../../src/qmp/error.ts';
import { RecordingHost } from './recording-host.ts';

const mebibyte = 1024 * 1024;

let folder: string;
const file = (name: string): string => path.join(folder, name);
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qmpd-options-'));
  await writeFile(file('empty.img'), '');
  await writeFile(file('text'), 'no kernel at all\n'.repeat(100));
  await writeFile(file('disk.qcow2'), 'QFI\xfb'.padEnd(4096, '\0'), 'latin1');
  await writeFile(file('odd-floppy'), 'x'.repeat(12345));
  await writeFile(file('kernel64'), bzImage({ has64BitEntry: true }));
  await writeFile(file('kernel'), bzImage({}));
  await writeFile(file('initrd'), Buffer.alloc(mebibyte));
  await writeFile(file('firmware'), Buffer.alloc(1000));
});
after(() => rm(folder, { recursive: true }));

/** The header of a kernel image, with nothing behind it that could run. */
function bzImage({ has64BitEntry = false }): Buffer {
  const image = Buffer.alloc(4096);
  image.writeUInt16LE(0xaa55, 0x1fe);
  image.write('HdrS', 0x202);
  image.writeUInt16LE(0x20f, 0x206);
  image.writeUInt8(1, 0x211);
  image.writeUInt16LE(has64BitEntry ? 1 : 0, 0x236);
  image.writeUInt32LE(255, 0x238);
  return image;
}

const size = (bytes: number | bigint): JsonObject => jsonObject({ memory: jsonObject({ size: bytes }) });
const drive = (name: string, image: string): JsonObject =>
  jsonObject({ [name]: jsonObject({ file: file(image) }) });

const nic = (...cards: Record<string, string>[]): JsonObject =>
  jsonObject({ nic: cards.map((card) => jsonObject(card)) });

const declarations: readonly Declaration[] = [
  { kind: 'netdev', id: 'user0', arguments: jsonObject({ type: 'user', id: 'user0' }) },
  {
    kind: 'netdev',
    id: 'lonely',
    arguments: jsonObject({
      type: 'stream',
      id: 'lonely',
      addr: jsonObject({ type: 'unix', path: '/nowhere/at/all' }),
    }),
  },
];

const refused: readonly (readonly [string, () => JsonObject, RegExp])[] = [
  [
    'too little memory',
    () => size(512 * 1024),
    /^Option 'memory.size': 524288 bytes .* 1 MiB to 2047.875 MiB/,
  ],
  ['too much memory', () => size(2048 * mebibyte), /^Option 'memory.size': 2147483648 bytes/],
  ['memory that is no multiple of 128 KiB', () => size(mebibyte + 1), /in steps of 128 KiB/],
  ['memory beyond all numbers', () => size(2n ** 63n), /^Option 'memory.size'/],
  ['memory that can grow', () => jsonObject({ memory: jsonObject({ slots: 2 }) }), /'memory.slots'/],
  ['several CPUs', () => jsonObject({ smp: jsonObject({ cpus: 2 }) }), /^Option 'smp': is not available/],
  ['two network cards', () => nic({}, {}), /^Option 'nic': the embedded engine has one/],
  [
    'a card of an unknown model',
    () => nic({ model: 'e1000' }),
    /'nic.model': 'e1000' is not available; expected one of: ne2k_pci/,
  ],
  ['a card with a group address', () => nic({ mac: '53:54:00:12:34:56' }), /'nic.mac'.*is not the address/],
  ['an unknown netdev', () => nic({ netdev: 'ghost' }), /'nic.netdev': netdev 'ghost' has not been declared/],
  ['a netdev of another kind', () => nic({ netdev: 'user0' }), /of type 'user'; .* has stream and dgram/],
  ['a netdev without a peer', () => nic({ netdev: 'lonely' }), /netdev 'lonely': No such file or directory/],
  ['five serial ports', () => jsonObject({ serial: ['a', 'b', 'c', 'd', 'e'] }), /has 4 serial ports/],
  ['an unknown serial device', () => jsonObject({ serial: ['nobody'] }), /Chardev 'nobody' not found/],
  ['a kernel that is none', () => jsonObject({ kernel: file('text') }), /is not a Linux kernel image/],
  [
    'a kernel that is not there',
    () => jsonObject({ kernel: '/nowhere' }),
    /'kernel'.*No such file or directory/,
  ],
  ['a 64-bit kernel', () => jsonObject({ kernel: file('kernel64') }), /is a 64-bit kernel/],
  ['an initrd alone', () => jsonObject({ initrd: file('initrd') }), /'initrd': it needs 'kernel'/],
  [
    'an initrd in too little memory',
    () => jsonObject({ kernel: file('kernel'), initrd: file('initrd'), ...size(64 * mebibyte) }),
    /'memory.size': the initrd needs at least 68157440 bytes/,
  ],
  [
    'a command line that is too long',
    () => jsonObject({ kernel: file('kernel'), append: 'x'.repeat(300) }),
    /'append': the kernel takes at most 255 bytes/,
  ],
  ['firmware that is not there', () => jsonObject({ firmware: '/nowhere.bin' }), /'firmware'.*No such file/],
  ['firmware of a wrong size', () => jsonObject({ firmware: file('firmware') }), /1000 bytes cannot be used/],
  ['an empty disk', () => drive('hda', 'empty.img'), /'hda': the image is empty/],
  ['a disk that is not there', () => drive('hda', 'nothing.img'), /'hda': Could not open .*No such file/],
  ['a folder as a disk', () => drive('hda', '.'), /is not a regular file/],
  ['a qcow2 image', () => drive('hda', 'disk.qcow2'), /is a qcow2 image/],
  ['a second disk alone', () => drive('hdb', 'text'), /'hdb': it needs 'hda'/],
  ['a floppy of no known size', () => drive('fda', 'odd-floppy'), /no floppy disk has 12345 bytes/],
  ['an unknown block node', () => jsonObject({ hda: 'ghost' }), /node-name='ghost'/],
  [
    'a boot order with a tape',
    () => jsonObject({ boot: jsonObject({ order: ['tape'] }) }),
    /cannot boot from 'tape'; expected one of: floppy/,
  ],
  [
    'a clock at no time',
    () => jsonObject({ rtc: jsonObject({ base: 'noon' }) }),
    /'rtc.base': 'noon' is not/,
  ],
];

for (const [what, options, message] of refused) {
  test(`${what}: refused`, async () => {
    const host = new RecordingHost();
    const descriptors = readdirSync('/proc/self/fd').length;
    await assert.rejects(new EmbeddedEngine().create({ options: options(), declarations }, host), (error) => {
      assert.ok(error instanceof QmpError);
      assert.match(error.message, message);
      return true;
    });
    assert.deepEqual(host.story, []);
    assert.equal(readdirSync('/proc/self/fd').length, descriptors);
  });
}

test('a device that was declared is refused by its id', async () => {
  const declaration = { kind: 'device', id: 'net0', arguments: jsonObject({ driver: 'e1000' }) } as const;
  await assert.rejects(
    new EmbeddedEngine().create(
      { options: jsonObject({}), declarations: [declaration] },
      new RecordingHost(),
    ),
    /Device 'net0'/,
  );
});

test('a character device that is in use elsewhere is not taken away, and the machine is not made', async () => {
  const host = new RecordingHost();
  const engine = new EmbeddedEngine();
  host.terminal('s0');
  const options = jsonObject({ serial: ['s0'] });
  const first = await engine.create({ options, declarations: [] }, host);
  await assert.rejects(engine.create({ options, declarations: [] }, host), /Device 's0' is in use/);
  assert.equal(host.terminal('s0').attached, true);
  await first.end();
  assert.equal(host.terminal('s0').attached, false);
});
