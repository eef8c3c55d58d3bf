// What the engine says of a QEMU binary before there is a machine.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../../src/json/value.ts';
import type { Declaration } from '../../../../src/machine/engine.ts';
import { isAmong } from '../../../kit/qemu/installed.ts';
import { binaries, clock, forward, type Rig, rig, tcg } from '../../../kit/qemu/rig.ts';

/** `before92`: what releases before 9.2 say in place of it, which read properties of devices as text. */
type Refusal = readonly [kind: Declaration['kind'], args: JsonObject, message: RegExp, before92?: RegExp];

const refusals: readonly Refusal[] = [
  ['device', { driver: 'no-such-device' }, /^'no-such-device' is not a valid device model name$/],
  ['device', {}, /^Parameter 'driver' is missing$/],
  ['device', { driver: 'edu', nonsense: 1 }, /^Property 'edu.nonsense' not found \(accepted: .*dma_mask/],
  [
    'device',
    { driver: 'edu', multifunction: 1 },
    /^Invalid parameter type for 'multifunction', expected: boolean$/,
    /^Parameter 'multifunction' expects 'on' or 'off'$/,
  ],
  ['object', { 'qom-type': 'nonsense', id: 'o' }, /^Parameter 'qom-type' does not accept value 'nonsense'/],
  ['object', { 'qom-type': 'iothread' }, /^Parameter 'id' is missing$/],
  ['object', { 'qom-type': 'iothread', id: 'o', more: 1 }, /^Parameter 'more' is unexpected$/],
  ['blockdev', { driver: 'null-co', size: 'x' }, /'size', expected: integer$/],
  ['blockdev', { driver: 'raw', file: { driver: 'file' } }, /^Parameter 'file.filename' is missing$/],
  ['netdev', { type: 'user', id: 'n', restrict: 'yes' }, /'restrict', expected: boolean$/],
  ['chardev', { id: 'c', backend: { type: 'file', data: {} } }, /^Parameter 'backend.data.out' is missing$/],
  ['chardev', { id: '1', backend: { type: 'null', data: {} } }, /chardev id '1' cannot be used/],
];

async function check(r: Rig, kind: Declaration['kind'], args: JsonObject): Promise<string> {
  return await r.engine.acceptsDeclaration({ kind, arguments: args }).then(
    () => 'accepted',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

for (const installed of binaries) {
  const { label, path: binary } = installed;
  describe(label, () => {
    test('declarations that QEMU would refuse are refused with the accepted values', async () => {
      await using r = rig(binary);
      const readsText = isAmong({ before: [9, 2] }, installed);
      for (const [kind, args, message, before92 = message] of refusals)
        assert.match(await check(r, kind, args), readsText ? before92 : message);
    });

    test('declarations that QEMU takes are accepted', async () => {
      await using r = rig(binary);
      const accepted: [Declaration['kind'], JsonObject][] = [
        [
          'device',
          { driver: 'virtio-net-pci', id: 'n0', bus: 'pcie.0', addr: '02.0', mac: '52:54:00:12:34:56' },
        ],
        ['blockdev', { driver: 'qcow2', 'node-name': 'q', file: { driver: 'file', filename: '/tmp/x' } }],
        ['blockdev', { driver: 'raw', 'node-name': 'r', file: 'q' }],
        ['netdev', { type: 'user', id: 'n', hostfwd: [{ str: 'tcp::2222-:22' }] }],
        ['object', { 'qom-type': 'memory-backend-ram', id: 'm', size: 1048576 }],
        ['chardev', { id: 'c', backend: { type: 'pty', data: {} } }],
      ];
      for (const [kind, args] of accepted)
        assert.equal(await check(r, kind, args), 'accepted', String(args.id));
    });

    test('what is learnt is kept on disk, and a file that is damaged is as good as none', async () => {
      const stateDirectory = mkdtempSync(path.join(tmpdir(), 'qmpd-state-'));
      try {
        const ask = async (): Promise<{ started: boolean; text: string }> => {
          let started = false;
          const watching = {
            ...clock,
            // Only a QEMU that is being started is given a time limit.
            after: (ms: number, callback: () => void) => {
              started = true;
              return clock.after(ms > 10_000 ? ms : 0, callback);
            },
          };
          await using r = rig(binary, { stateDirectory, clock: watching });
          const answer = await r.engine.answerBlank('query-machines', undefined);
          while (started && readdirSync(stateDirectory).length === 0) {
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          return { started, text: String(answer?.text) };
        };
        const first = await ask();
        const second = await ask();
        assert.deepEqual([first.started, second.started], [true, false]);
        assert.equal(first.text, second.text);
        const [file] = readdirSync(stateDirectory);
        const kept = path.join(stateDirectory, file ?? '');
        writeFileSync(kept, readFileSync(kept, 'utf8').slice(0, 1000));
        assert.deepEqual(await ask(), first);
      } finally {
        rmSync(stateDirectory, { recursive: true, force: true });
      }
    });
  });
}

test('a question for which QEMU exits is answered with its last words, and the next one is answered', async (t) => {
  const old = binaries.find((qemu) => isAmong({ before: [8, 0] }, qemu));
  if (old === undefined) return t.skip('no QEMU 7 here: later ones do not exit');
  await using r = rig(old.path);
  const fatal = r.engine.answerBlank('device-list-properties', '{"typename":"virtio-gpu-gl-pci"}');
  const outcome = await fatal.then(
    (reply) => String(reply.text),
    (error: unknown) => String(error),
  );
  assert.match(outcome, /missing object type|"name"/);
  assert.equal((await r.engine.answerBlank('query-version', undefined)).kind, 'return');
});

test('a binary that is replaced under a running machine is asked anew, and the machine answers for itself', async (t) => {
  const [first, second] = binaries;
  if (first === undefined || second === undefined) return t.skip('needs two versions of QEMU');
  await using directory = rig('');
  const link = path.join(directory.directory, 'qemu');
  symlinkSync(first.path, link);
  await using r = rig(link);
  const machine = await r.create(tcg);
  const before = await forward(machine, 'qom-list-types');
  rmSync(link);
  symlinkSync(second.path, link);
  const after = await forward(machine, 'qom-list-types', { abstract: false });
  const blank = await r.engine.answerBlank('qom-list-types', '{"abstract":false}');
  assert.ok(blank?.text !== after.text, 'the new binary knows other types');
  rmSync(link);
  assert.equal((await forward(machine, 'qom-list-types', { implements: 'device' })).kind, 'return');
  assert.equal(before.kind, 'return');
});
