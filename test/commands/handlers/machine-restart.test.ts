import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, type QmpClient } from '../../../src/client/index.ts';
import { installedQemu, startTestServer } from '../../kit/server/test-server.ts';

const megabyte = 1_048_576;

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

async function qemuMachine(client: QmpClient, options: Record<string, unknown> = {}): Promise<void> {
  await client.executeAny('machine-set', { engine: 'qemu', accel: [{ type: 'tcg' }], ...options });
  await client.execute('chardev-add', { id: 's0', backend: { type: 'ringbuf', data: {} } } as never);
  await client.executeAny('machine-set', { serial: ['s0'], memory: { size: 32 * megabyte } });
  await client.execute('x-exit-preconfig');
}

async function baseMemory(client: QmpClient): Promise<unknown> {
  const summary = (await client.executeAny('query-memory-size-summary')) as { 'base-memory': number };
  return summary['base-memory'];
}

test('machine-restart makes the machine anew with what was pending, and it goes on running', async () => {
  await using running = await startTestServer({ qemuBinary: installedQemu });
  await using client = await connect(running.path);
  await qemuMachine(client);
  await client.execute('cont');
  await client.execute('machine-set', { memory: { size: 64 * megabyte }, name: 'later' });
  const { options, 'apply-on-reset': onReset } = await client.execute('query-pending');
  assert.equal(onReset, false);
  assert.deepEqual(
    plain(options.map(({ option, result, value, pending }) => ({ option, result, value, pending }))),
    [
      {
        option: 'memory',
        result: 'needs-restart',
        value: { size: 32 * megabyte },
        pending: { size: 64 * megabyte },
      },
      { option: 'name', result: 'needs-restart', pending: 'later' },
    ],
  );
  assert.equal(await baseMemory(client), 32 * megabyte);
  await client.execute('machine-restart');
  assert.equal(await baseMemory(client), 64 * megabyte);
  assert.deepEqual(plain(await client.executeAny('query-name')), { name: 'later' });
  assert.equal((await client.execute('query-status')).status, 'running');
  assert.deepEqual((await client.execute('query-pending')).options, []);
  await client.execute('stop');
  await client.execute('machine-restart');
  assert.equal((await client.execute('query-status')).status, 'prelaunch');
});

test('a restart that fails gives the creation’s error and keeps the configuration', async () => {
  await using running = await startTestServer({ qemuBinary: installedQemu });
  await using client = await connect(running.path);
  await qemuMachine(client);
  await client.execute('machine-set', { kernel: '/nonexistent/kernel' });
  await assert.rejects(client.execute('machine-restart'), /nonexistent\/kernel/);
  assert.equal((await client.execute('query-machine')).phase, 'blank');
  assert.deepEqual(plain(await client.execute('query-pending')), { 'apply-on-reset': false, options: [] });
  await client.execute('machine-unset', { options: ['kernel'] });
  await client.execute('x-exit-preconfig');
  assert.equal(await baseMemory(client), 32 * megabyte);
});

test('a reset restarts the machine when that is wanted and something needs it, and only then', async () => {
  await using running = await startTestServer({ qemuBinary: installedQemu });
  await using client = await connect(running.path);
  const events = client.events({ names: ['RESET', 'PHASE_CHANGED'] });
  const next = async (): Promise<string> => {
    const { value } = await events.next();
    return value?.event === 'PHASE_CHANGED' ? value.data.to : String(value?.event);
  };
  await qemuMachine(client);
  for (const wanted of ['creating', 'created']) assert.equal(await next(), wanted);
  // The guest does not run: firmware that finds itself started a second time resets the machine once more.
  await client.execute('system_reset');
  assert.equal(await next(), 'RESET');
  await client.execute('machine-set', { memory: { size: 64 * megabyte } });
  await client.execute('system_reset');
  assert.equal(await next(), 'RESET');
  await client.execute('apply-pending-on-reset', { enable: true });
  await client.execute('system_reset');
  for (const wanted of ['RESET', 'ending', 'blank', 'creating', 'created'])
    assert.equal(await next(), wanted);
  assert.equal(await baseMemory(client), 64 * megabyte);
  await client.execute('system_reset');
  assert.equal(await next(), 'RESET');
  assert.equal(await baseMemory(client), 64 * megabyte);

  await client.execute('machine-set', { kernel: '/nonexistent/kernel' });
  await client.execute('system_reset');
  for (const wanted of ['RESET', 'ending', 'blank', 'creating']) assert.equal(await next(), wanted);
  const { value } = await events.next();
  assert.match(JSON.stringify(value?.data), /"from":"creating".*nonexistent\/kernel/);
});

test('what QEMU takes over at a reset is not pending after it', async () => {
  await using running = await startTestServer({ qemuBinary: installedQemu });
  await using client = await connect(running.path);
  await qemuMachine(client, { boot: { order: ['disk'] } });
  await client.execute('machine-set', { boot: { order: ['network'] } });
  const results = async (): Promise<string[]> =>
    (await client.execute('query-pending')).options.map(({ result }) => result);
  assert.deepEqual(await results(), ['needs-reset']);
  const reset = client.events({ names: ['RESET'] });
  await client.execute('system_reset');
  await reset.next();
  assert.deepEqual(await results(), []);
});

test('another engine is what the embedded engine needs a restart for', async () => {
  await using running = await startTestServer({ qemuBinary: installedQemu });
  await using client = await connect(running.path);
  await client.execute('machine-set', { engine: 'embedded', memory: { size: 32 * megabyte } });
  await client.execute('x-exit-preconfig');
  await client.execute('machine-set', { engine: 'qemu', memory: { size: 64 * megabyte } });
  const { options } = await client.execute('query-pending');
  assert.deepEqual(
    options.map(({ option, result }) => [option, result]),
    [
      ['engine', 'needs-restart'],
      ['memory', 'needs-reset'],
    ],
  );
  await client.execute('machine-restart');
  assert.equal((await client.execute('query-machine')).engine, 'qemu');
  assert.equal(await baseMemory(client), 64 * megabyte);
});
