// A chardev that only qmpd has, as the serial port of a guest on real QEMU.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { ChardevRegistry } from '../../../../src/chardevs/registry.ts';
import type { JsonObject } from '../../../../src/json/value.ts';
import type { Declaration } from '../../../../src/machine/engine.ts';
import { echoRom } from '../../../kit/guests/echo-guest.ts';
import { binaries, type Rig, rig, tcg, value } from '../../../kit/qemu/rig.ts';

function consoleOn(socket: string): JsonObject {
  return { type: 'console', data: { addr: { type: 'unix', data: { path: socket } } } };
}

/** The chardevs of a qmpd, which the engine asks for. */
async function chardevsOf(r: Rig, backend: JsonObject): Promise<ChardevRegistry> {
  const chardevs = new ChardevRegistry({
    objects: { object: () => undefined, authorize: () => true },
    log: (message) => r.host.log(message),
  });
  await chardevs.add('con', backend, 'blank');
  r.host.chardev = (id) => chardevs.open(id);
  return chardevs;
}

/** Types at the guest, again and again until it echoes: it may not have set its port up yet. */
async function echoed(socket: string, text: string): Promise<void> {
  const viewer = net.connect(socket);
  let seen = '';
  viewer.on('data', (chunk) => {
    seen += String(chunk);
  });
  while (!seen.includes(text)) {
    viewer.write(text);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  viewer.destroy();
}

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('a guest talks through one of our consoles, also when it is made again', async () => {
      await using r = rig(binary);
      const rom = path.join(r.directory, 'echo.rom');
      writeFileSync(rom, echoRom());
      const socket = path.join(r.directory, 'console');
      const backend = consoleOn(socket);
      const chardevs = await chardevsOf(r, backend);
      const declaration: Declaration = { kind: 'chardev', id: 'con', arguments: { id: 'con', backend } };
      await r.engine.acceptsDeclaration(declaration);
      const options = {
        ...tcg,
        machine: { type: 'isapc' },
        memory: { size: 2 * 1024 * 1024 },
        firmware: rom,
        serial: ['con'],
      };
      for (const word of ['first', 'second']) {
        const machine = await r.create(options, [declaration]);
        await value(machine, 'cont');
        await echoed(socket, word);
        await machine.end();
      }
      await chardevs.closeAll();
      assert.deepEqual(await r.leftovers(), []);
    });

    test('a chardev that is open here already is bridged when the machine uses it, and left alone otherwise', async () => {
      await using r = rig(binary);
      const rom = path.join(r.directory, 'echo.rom');
      writeFileSync(rom, echoRom());
      const socket = path.join(r.directory, 'serial');
      const addr = { type: 'unix', data: { path: socket } };
      const backend = { type: 'socket', data: { addr, server: true, wait: false } };
      const chardevs = await chardevsOf(r, backend);
      await chardevs.open('con');
      const declarations: Declaration[] = [{ kind: 'chardev', id: 'con', arguments: { id: 'con', backend } }];
      const base = { ...tcg, machine: { type: 'isapc' }, memory: { size: 2 * 1024 * 1024 }, firmware: rom };
      const openHere = new Set(['con']);
      for (const options of [base, { ...base, serial: ['con'] }]) {
        const machine = await r.engine.create({ options, declarations, openHere }, r.host);
        const ids = ((await value(machine, 'query-chardev')) as { label: string }[]).map(
          ({ label: id }) => id,
        );
        assert.equal(ids.includes('con'), options !== base);
        await value(machine, 'cont');
        if (options !== base) await echoed(socket, 'word');
        await machine.end();
      }
      await chardevs.closeAll();
    });

    test('a console that cannot be opened is named, and no QEMU is left', async () => {
      await using r = rig(binary);
      const backend = consoleOn('/nonexistent/console');
      const chardevs = await chardevsOf(r, backend);
      const declaration: Declaration = { kind: 'chardev', id: 'con', arguments: { id: 'con', backend } };
      await assert.rejects(r.create(tcg, [declaration]), /con.*nonexistent|nonexistent.*/);
      await chardevs.closeAll();
      assert.deepEqual(await r.leftovers(), []);
    });
  });
}
