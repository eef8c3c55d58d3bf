// Much at once out of a real QEMU: answers of many megabytes, events by the thousand.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RawClient } from '../../kit/clients/raw-client.ts';
import { binaries, tcg } from '../../kit/qemu/rig.ts';
import { startTestServer } from '../../kit/server/test-server.ts';

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('an answer of more than 10 MiB comes whole, and others are served meanwhile', async () => {
      await using server = await startTestServer({ qemuBinary: binary });
      const client = await RawClient.negotiated(server.path);
      const other = await RawClient.negotiated(server.path);
      await client.ask('machine-set', { ...tcg, machine: { type: 'pc' } });
      await client.ask('x-exit-preconfig');
      // 11.1 writes a byte in fewer characters than 7.2.
      const count = 1_800_000;
      const dump = client.ask('human-monitor-command', { 'command-line': `xp /${count}xb 0` });
      const order: string[] = [];
      const dumped = dump.then((text: string) => {
        order.push('dump');
        return text;
      });
      await other.ask('query-sessions').then(() => order.push('other'));
      const text = await dumped;
      assert.deepEqual(order, ['other', 'dump']);
      assert.ok(text.length > 10 * 1024 * 1024, String(text.length));
      assert.equal(text.match(/0x/g)?.length, count);
      await client.ask('query-name');
    });

    test('thousands of events reach every client in order, none is lost', async () => {
      await using server = await startTestServer({ qemuBinary: binary });
      const client = await RawClient.negotiated(server.path);
      const watchers = await Promise.all([1, 2, 3].map(() => RawClient.negotiated(server.path)));
      await client.ask('machine-set', { ...tcg, machine: { type: 'none' } });
      await client.ask('x-exit-preconfig');
      const rounds = 500;
      client.send('{"execute":"cont"}{"execute":"stop"}'.repeat(rounds));
      await client.ask('query-name');
      const expected = Array.from({ length: 2 * rounds }, (_, n) => (n % 2 === 0 ? 'RESUME' : 'STOP'));
      for (const one of [client, ...watchers]) {
        const seen = (): string[] =>
          one.events.map(({ event }) => event).filter((name) => name === 'STOP' || name === 'RESUME');
        await one.until(
          (lines) => lines.filter((line) => / "(STOP|RESUME)"/.test(line)).length >= 2 * rounds,
        );
        assert.deepEqual(seen(), expected);
      }
    });
  });
}
