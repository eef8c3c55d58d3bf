// Every command in every phase of the machine: carried out, refused by its phase in QEMU's words, or refused for what
// it was given, but never a fault of the program, a hang, or an answer that the schema does not have.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { commands } from '../../src/commands/handlers/index.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

/** The least that each command takes; for one that is not here, no arguments at all. */
function minimalArguments(directory: string): Readonly<Record<string, object>> {
  const file = (name: string): string => path.join(directory, name);
  return {
    'human-monitor-command': { 'command-line': 'info status' },
    'machine-unset': { options: [] },
    'session-close': { id: 'no-such' },
    getfd: { fdname: 'x' },
    closefd: { fdname: 'x' },
    'remove-fd': { 'fdset-id': 0 },
    'chardev-add': { id: 'c', backend: { type: 'null', data: {} } },
    'chardev-change': { id: 'c', backend: { type: 'null', data: {} } },
    'chardev-remove': { id: 'c' },
    'chardev-send-break': { id: 'c' },
    'ringbuf-read': { device: 'c', size: 1 },
    'ringbuf-write': { device: 'c', data: '' },
    'blockdev-add': { driver: 'null-co', 'node-name': 'n' },
    'blockdev-del': { 'node-name': 'n' },
    eject: { id: 'cdrom' },
    'blockdev-open-tray': { id: 'cdrom' },
    'blockdev-close-tray': { id: 'cdrom' },
    'blockdev-remove-medium': { id: 'cdrom' },
    'blockdev-insert-medium': { id: 'cdrom', 'node-name': 'n' },
    'blockdev-change-medium': { id: 'cdrom', filename: file('no-such') },
    device_add: { driver: 'e1000' },
    device_del: { id: 'd' },
    netdev_add: { type: 'user', id: 'd' },
    netdev_del: { id: 'd' },
    screendump: { filename: file('screen') },
    'send-key': { keys: [] },
    'input-send-event': { events: [] },
    pmemsave: { val: 0, size: 1, filename: file('memory') },
    memsave: { val: 0, size: 1, filename: file('memory') },
    'object-add': { 'qom-type': 'authz-simple', id: 'o', identity: 'i' },
    'object-del': { id: 'o' },
    'qom-list': { path: '/' },
    'qom-get': { path: '/machine', property: 'type' },
    'qom-set': { path: '/machine', property: 'type', value: 1 },
    yank: { instances: [] },
    'migrate-recover': { uri: 'tcp:0:0' },
  };
}

/** Done last, since nothing follows it, or done to get into the phase. */
const endings = ['quit', 'machine-destroy', 'x-exit-preconfig'];

const refusals = {
  blank: (name: string): string =>
    `The command '${name}' is permitted only after machine initialization has completed`,
  created: (): string => 'The command is permitted only before machine initialization',
};

/** What no client may ever read: the dispatcher's words for a handler that failed. */
const programFault = /^The command \S+ failed: /;

for (const phase of ['blank', 'created'] as const) {
  describe(`in phase ${phase}`, () => {
    let server: TestServer;
    let client: RawClient;
    let args: ReturnType<typeof minimalArguments>;

    before(async () => {
      server = await startTestServer();
      args = minimalArguments(server.directory);
      client = await RawClient.negotiated(server.path);
      await client.ask('machine-set', { engine: 'embedded' });
      if (phase === 'created') await client.ask('x-exit-preconfig');
    });
    after(() => server[Symbol.asyncDispose]());

    async function check(name: string, given: object | undefined): Promise<void> {
      const phases = commands.get(name)?.traits.phases ?? 'any';
      const { error } = (await client.execute(name, given)) ?? assert.fail('no answer');
      if (phases !== 'any' && phases !== phase) assert.equal(error?.desc, refusals[phase](name));
      else assert.doesNotMatch(error?.desc ?? '', programFault);
    }

    for (const name of commands.keys()) {
      if (endings.includes(name)) continue;
      it(`${name} without arguments`, () => check(name, undefined));
      it(`${name} with the least that it takes`, async () => {
        // Twice, since what is there the first time may be gone or taken the second time.
        await check(name, args[name] ?? {});
        await check(name, args[name] ?? {});
      });
      it(`${name} with a member that it does not have`, async () => {
        await check(name, { ...args[name], 'no-such-member': [{}] });
      });
    }

    it('machine-destroy', () => check('machine-destroy', undefined));
    it('x-exit-preconfig', async () => {
      if (phase === 'created') await client.execute('x-exit-preconfig');
      await check('query-status', undefined);
    });
    it('quit', () => check('quit', undefined));
  });
}

describe('while the machine is being created', () => {
  it('commands of either phase are refused and the others answered', async () => {
    await using server = await startTestServer();
    const args = minimalArguments(server.directory);
    const client = await RawClient.negotiated(server.path);
    const other = await RawClient.negotiated(server.path);
    await other.ask('machine-set', { engine: 'embedded' });
    const created = client.execute('x-exit-preconfig');
    await other.event('PHASE_CHANGED');
    const names = [...commands.keys()].filter((name) => name !== 'quit');
    const replies = await Promise.all(names.map((name) => other.execute(name, args[name])));
    for (const [index, name] of names.entries()) {
      const desc = replies[index]?.error?.desc ?? '';
      assert.doesNotMatch(desc, programFault, name);
      const { traits } = commands.get(name) ?? assert.fail();
      if (traits.phases === 'blank') assert.equal(desc, refusals.created());
    }
    const underWay = replies.filter((reply) => reply?.error?.desc.endsWith(', which is under way'));
    assert.ok(underWay.length > 0);
    assert.deepEqual(await created, { return: {} });
  });
});
