// What every transport promises (src/qmp/connection.ts), run over each of them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  connectedPair,
  plainClient,
  type TransportUnderTest,
  temporaryDirectory,
  transports,
} from '../kit/transports/pairs.ts';
import { Recorder } from '../kit/transports/recorder.ts';

const withPlainClient = (transport: TransportUnderTest) => ({ skip: transport.noPlainClient ?? false });

for (const transport of transports) {
  describe(transport.name, () => {
    test('carries bytes unharmed in both directions', async () => {
      await using pair = await connectedPair(transport);
      const server = Recorder.start(pair.server);
      const client = Recorder.start(pair.client);
      const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
      pair.client.write(everyByte);
      pair.client.write('text\r\n');
      pair.server.write('answer');
      pair.server.write(everyByte);
      await server.untilBytes(262);
      await client.untilBytes(262);
      assert.deepEqual(server.bytes, Buffer.concat([everyByte, Buffer.from('text\r\n')]));
      assert.deepEqual(client.bytes, Buffer.concat([Buffer.from('answer'), everyByte]));
    });

    test('delivers what was written before the other side started', async () => {
      await using pair = await connectedPair(transport);
      pair.server.write('greeting');
      pair.client.write('early');
      const client = Recorder.start(pair.client);
      await client.untilBytes(8);
      const server = Recorder.start(pair.server);
      await server.untilBytes(5);
      assert.equal(client.text, 'greeting');
      assert.equal(server.text, 'early');
    });

    test('keeps order and every byte when the reader is slow', async () => {
      await using pair = await connectedPair(transport);
      const client = Recorder.start(pair.client);
      const server = Recorder.start(pair.server);
      pair.client.pause();
      let expected = '';
      for (let i = 0; i < 600; i += 1) {
        const line = `${i}:${'x'.repeat((i * 37) % 20_000)}\n`;
        expected += line;
        pair.server.write(i % 3 === 0 ? Buffer.from(line) : line);
      }
      assert.ok(pair.server.bufferedBytes > 0, 'the kernel took six megabytes at once');
      assert.equal(server.drains, 0);
      pair.client.resume();
      await client.untilBytes(expected.length);
      await server.until(() => server.drains > 0);
      assert.equal(pair.server.bufferedBytes, 0);
      assert.ok(client.text === expected);
    });

    test('a peer that stops sending can still read', withPlainClient(transport), async () => {
      await using plain = await plainClient(transport);
      const server = Recorder.start(plain.server);
      server.onEnd = () => {
        plain.server.write('after your end');
        plain.server.end();
      };
      plain.client.end('last words');
      const answer = await plain.client.setEncoding('latin1').toArray();
      assert.equal(server.text, 'last words');
      assert.equal(answer.join(''), 'after your end');
      assert.deepEqual(await server.untilClosed(), { kind: 'local' });
    });

    test(
      'a peer that is gone ends the connection, and what is written to it is dropped',
      withPlainClient(transport),
      async () => {
        await using plain = await plainClient(transport);
        const server = Recorder.start(plain.server);
        await new Promise<void>((resolve) => plain.client.write('x', () => resolve()));
        await server.untilBytes(1);
        plain.client.destroy();
        await server.until(() => server.ended).catch(() => {});
        while (server.closed === undefined) {
          plain.server.write('into the void');
          await new Promise((resolve) => setImmediate(resolve));
        }
        assert.deepEqual(server.closed, { kind: 'peer-closed' });
        assert.deepEqual(server.faults, []);
      },
    );

    test('end() writes what is buffered first', async () => {
      await using pair = await connectedPair(transport);
      const client = Recorder.start(pair.client);
      const server = Recorder.start(pair.server);
      pair.client.pause();
      pair.server.write('y'.repeat(3_000_000));
      pair.server.end();
      pair.server.write('too late');
      pair.client.resume();
      await client.until(() => client.ended);
      assert.equal(client.byteCount, 3_000_000);
      pair.client.end();
      assert.deepEqual(await server.untilClosed(), { kind: 'local' });
    });

    test('close is reported once, last, and not from inside a call', async () => {
      await using pair = await connectedPair(transport);
      const server = Recorder.start(pair.server);
      const client = Recorder.start(pair.client);
      pair.server.destroy();
      assert.equal(server.closed, undefined);
      pair.server.destroy();
      pair.server.end();
      pair.server.write('nobody hears this');
      pair.server.pause();
      pair.server.resume();
      assert.deepEqual(await server.untilClosed(), { kind: 'local' });
      await client.until(() => client.ended || client.closed !== undefined);
      pair.client.destroy();
      await client.untilClosed();
      assert.deepEqual([...server.faults, ...client.faults], []);
    });

    test('a paused connection delivers nothing until it is resumed', async () => {
      await using pair = await connectedPair(transport);
      const server = Recorder.start(pair.server);
      const client = Recorder.start(pair.client);
      server.onData = () => pair.server.pause();
      pair.client.write('one');
      await server.untilBytes(3);
      pair.client.write('two');
      // A round trip in the other direction gives the bytes every chance to arrive.
      pair.server.write('ping');
      await client.untilBytes(4);
      assert.equal(server.text, 'one');
      pair.server.resume();
      await server.untilBytes(6);
      assert.equal(server.text, 'onetwo');
    });

    test('a connection that is destroyed before it starts still reports its close', async () => {
      await using pair = await connectedPair(transport);
      pair.server.destroy();
      const server = Recorder.start(pair.server);
      assert.deepEqual(await server.untilClosed(), { kind: 'local' });
    });

    test('closing the listener leaves its connections alone', async () => {
      await using pair = await connectedPair(transport);
      const server = Recorder.start(pair.server);
      await pair.listener.close();
      await pair.listener.close();
      pair.client.write('still here');
      await server.untilBytes(10);
      await assert.rejects(transport.connect(pair.listener), { code: 'ERR_QMPD_CONNECT' });
    });

    test('an address in use is refused by name', async () => {
      using directory = temporaryDirectory();
      const first = await transport.listen(directory.path, () => {});
      if (transport.name !== 'tcp') {
        await assert.rejects(
          transport.listen(directory.path, () => {}),
          (error: Error & { code: string }) =>
            error.code === 'ERR_QMPD_ADDRESS_IN_USE' && error.message.includes(first.address),
        );
      }
      await first.close();
    });
  });
}
