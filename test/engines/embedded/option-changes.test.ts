// `machine-set` on an embedded machine that exists, as clients see it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient } from '../../kit/clients/raw-client.ts';
import { startTestServer } from '../../kit/server/test-server.ts';

const mebibyte = 1 << 20;

test('hardware changes with the next reset, names at once, the engine with the next machine', async () => {
  await using server = await startTestServer();
  const client = await RawClient.connect(server.path);
  await client.negotiate();
  const set = async (options: object): Promise<string[]> =>
    (await client.ask('machine-set', options)).map(({ result }: { result: string }) => result);
  const memory = async (): Promise<unknown> => (await client.ask('query-memory-size-summary'))['base-memory'];
  const option = async (name: string): Promise<unknown> =>
    (await client.ask('query-machine-options', { options: [name] }))[0];

  await client.ask('chardev-add', { id: 's0', backend: { type: 'ringbuf', data: { size: 65536 } } });
  await set({ engine: 'embedded', memory: { size: 2 * mebibyte } });
  await client.ask('x-exit-preconfig');
  assert.deepEqual(
    await set({ memory: { size: 4 * mebibyte }, serial: ['s0'], name: 'other', engine: 'qemu' }),
    ['needs-reset', 'needs-reset', 'applied', 'needs-restart'],
  );
  assert.match(
    await client.refusal('machine-set', { memory: { size: 1 } }),
    /Option 'memory.size': 1 bytes are not possible/,
  );
  assert.match(await client.refusal('machine-set', { smp: { cpus: 2 } }), /has no option 'smp'/);
  assert.equal(await memory(), 2 * mebibyte);
  assert.deepEqual(await option('memory'), {
    name: 'memory',
    value: { size: 2 * mebibyte },
    pending: { size: 4 * mebibyte },
    change: 'needs-reset',
    engines: ['qemu', 'embedded'],
    commands: [],
    reason: 'the embedded engine makes its hardware anew at a reset',
  });

  await client.ask('system_reset');
  assert.equal(await memory(), 4 * mebibyte);
  assert.equal(((await option('memory')) as { pending?: unknown }).pending, undefined);
  assert.equal(((await option('engine')) as { pending?: unknown }).pending, 'qemu');
  await client.ask('cont');
  const text = async (): Promise<string> => client.ask('ringbuf-read', { device: 's0', size: 1024 });
  let greeting = '';
  while (!greeting.includes('READY')) greeting += await text();
  client.close();
});

test("a serial port's character device gets another backend while the guest runs", async () => {
  await using server = await startTestServer();
  const client = await RawClient.connect(server.path);
  await client.negotiate();
  const ringbuf = { type: 'ringbuf', data: { size: 65536 } };
  const readUntil = async (wanted: string): Promise<void> => {
    for (let text = ''; !text.includes(wanted); ) {
      text += await client.ask('ringbuf-read', { device: 's0', size: 1024 });
    }
  };
  await client.ask('chardev-add', { id: 's0', backend: ringbuf });
  await client.ask('machine-set', { engine: 'embedded', serial: ['s0'] });
  await client.ask('x-exit-preconfig');
  await client.ask('cont');
  await readUntil('READY');
  await client.ask('chardev-change', { id: 's0', backend: ringbuf });
  await client.ask('ringbuf-write', { device: 's0', data: 'to the new one' });
  await readUntil('to the new one');
  client.close();
});
