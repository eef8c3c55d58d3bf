// What a client may expect of a machine whatever runs it: the same conversations over each engine that qmpd has, and over
// one that it does not have (echo-engine.ts).

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { standardEngines } from '../../src/server/engines.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { echoKit } from '../kit/engines/echo-engine.ts';
import { type EngineUnderTest, enginesUnderTest } from '../kit/engines/engines-under-test.ts';
import { echoRom } from '../kit/guests/echo-guest.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

let folder: string;
let rom: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qmpd-engines-'));
  rom = path.join(folder, 'echo.rom');
  await writeFile(rom, echoRom());
});
after(() => rm(folder, { recursive: true }));

interface Scene {
  readonly engine: EngineUnderTest;
  readonly server: TestServer;
  readonly client: RawClient;
  readonly status: () => Promise<string>;
  readonly phase: () => Promise<string>;
}

const scenarios: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'a machine is made stopped, runs, stops, is reset, ends, and is made again': async (scene) => {
    const { client, engine, phase, status } = scene;
    for (const _ of [1, 2]) {
      assert.equal(await phase(), 'blank');
      await client.ask('x-exit-preconfig');
      assert.equal((await client.ask('query-machine')).engine, engine.kind);
      assert.equal(await status(), 'prelaunch');
      await client.ask('cont');
      await client.event('RESUME');
      assert.equal(await status(), 'running');
      await client.ask('stop');
      await client.event('STOP');
      assert.equal(await status(), 'paused');
      await client.ask('system_reset');
      assert.deepEqual((await client.event('RESET')).data, {
        guest: false,
        reason: 'host-qmp-system-reset',
      });
      await client.ask('machine-destroy');
    }
    assert.deepEqual(
      client.events.filter(({ event }) => event === 'PHASE_CHANGED').map(({ data }) => data?.to),
      ['creating', 'created', 'ending', 'blank', 'creating', 'created', 'ending', 'blank'],
    );
  },

  'every client hears of what one of them does': async ({ client, server }) => {
    const other = await RawClient.negotiated(server.path);
    other.checked = false;
    await client.ask('x-exit-preconfig');
    await client.ask('cont');
    await other.event('RESUME');
    await other.ask('stop');
    await client.event('STOP');
    other.close();
  },

  'what needs a machine is refused without one': async ({ client }) => {
    const late = /^The command 'cont' is permitted only after machine initialization has completed$/;
    assert.match(await client.refusal('cont'), late);
    await client.ask('x-exit-preconfig');
    await client.ask('machine-destroy');
    assert.match(await client.refusal('cont'), late);
  },

  'a creation that fails leaves a blank machine, which can be made once the reason is gone': async (
    scene,
  ) => {
    const { client, phase } = scene;
    await client.ask('machine-set', { serial: ['late'] });
    assert.match(await client.refusal('x-exit-preconfig'), /late/);
    assert.equal(await phase(), 'blank');
    await client.ask('chardev-add', { id: 'late', backend: { type: 'null', data: {} } });
    await client.ask('x-exit-preconfig');
    assert.equal(await phase(), 'created');
  },

  'a serial port carries bytes both ways, only while the machine runs': async ({ client }) => {
    const socket = path.join(await mkdtemp(path.join(folder, 's')), 'serial');
    const addr = { type: 'unix', data: { path: socket } };
    const data = { addr, server: true, wait: false };
    await client.ask('chardev-add', { id: 's0', backend: { type: 'socket', data } });
    await client.ask('machine-set', { serial: ['s0'] });
    await client.ask('x-exit-preconfig');
    const peer = connect(socket).setEncoding('latin1');
    const received: string[] = [];
    peer.on('data', (chunk) => received.push(String(chunk)));
    peer.write('word');
    await client.ask('query-status');
    assert.deepEqual(received, []);
    await client.ask('cont');
    while (received.join('') !== 'word') await new Promise((resolve) => peer.once('data', resolve));
    peer.destroy();
  },

  'a restart makes it anew and has it run if it ran': async ({ client, status }) => {
    await client.ask('x-exit-preconfig');
    await client.ask('machine-restart');
    assert.equal(await status(), 'prelaunch');
    await client.ask('cont');
    await client.ask('machine-restart');
    assert.equal(await status(), 'running');
  },

  'a change that needs another machine is kept, told, and made by a restart': async ({ client }) => {
    await client.ask('chardev-add', { id: 's1', backend: { type: 'null', data: {} } });
    await client.ask('x-exit-preconfig');
    const [{ result: serial }] = await client.ask('machine-set', { serial: ['s1'] });
    assert.match(serial, /^needs-re/);
    assert.deepEqual(
      (await client.ask('query-pending')).options.map(({ option }: { option: string }) => option),
      ['serial'],
    );
    await client.ask('machine-restart');
    assert.deepEqual((await client.ask('query-pending')).options, []);
  },

  'autostart has it run at once': async ({ client, status }) => {
    await client.ask('machine-set', { autostart: true });
    await client.ask('x-exit-preconfig');
    await client.event('RESUME');
    assert.equal(await status(), 'running');
  },

  'an option that the engine lacks is refused, before creation and after, and not advertised': async (
    scene,
  ) => {
    const { client, engine } = scene;
    if (engine.lacks === undefined) {
      const options = await client.ask('query-machine-options');
      assert.ok(options.every(({ engines }: { engines: string[] }) => engines.includes(engine.kind)));
      return;
    }
    const [option, value] = engine.lacks;
    const [info] = await client.ask('query-machine-options', { options: [option] });
    assert.equal(info.engines.includes(engine.kind), false);
    assert.match(await client.refusal('machine-set', { [option]: value }), new RegExp(`'${option}'`));
    await client.ask('x-exit-preconfig');
    assert.match(await client.refusal('machine-set', { [option]: value }), new RegExp(`'${option}'`));
  },

  'what the engine cannot do is refused in words that name an engine': async ({ client, engine }) => {
    await client.ask('x-exit-preconfig');
    for (const [command, args, words] of engine.refuses) {
      assert.match(await client.refusal(command, args), words);
    }
  },

  'the power button is pressed': async ({ client }) => {
    await client.ask('x-exit-preconfig');
    await client.ask('cont');
    await client.ask('system_powerdown');
    await client.event('POWERDOWN');
  },

  'quit tells everybody, answers, and ends the process': async ({ client, server }) => {
    await client.ask('x-exit-preconfig');
    assert.deepEqual(await client.execute('quit'), { return: {} });
    assert.ok(client.events.some(({ event }) => event === 'SHUTDOWN'));
    await client.untilClosed();
    assert.equal(await server.server.ended, 0);
  },
};

for (const engine of enginesUnderTest) {
  describe(`over ${engine.label}`, () => {
    for (const [name, scenario] of Object.entries(scenarios)) {
      const exception = Object.keys(engine.exceptions).find((word) => name.startsWith(word));
      const skip = exception === undefined ? false : (engine.exceptions[exception] ?? false);
      test(name, { skip }, async () => {
        await using server = await startTestServer(engine.server);
        const client = await RawClient.negotiated(server.path);
        // An engine of the tests is in no schema, and a QEMU's answers are not in ours.
        client.checked = engine.kind === 'embedded';
        await client.ask('machine-set', engine.echoing(rom));
        const status = async (): Promise<string> => (await client.ask('query-status')).status;
        const phase = async (): Promise<string> => (await client.ask('query-machine')).phase;
        await scenario({ engine, server, client, status, phase });
        client.close();
      });
    }
  });
}

describe('a server that is started with other engines', () => {
  test('makes its machines by the first engine that is available, and by another one when it is told to', async () => {
    await using server = await startTestServer(enginesUnderTest[0]?.server);
    const client = await RawClient.negotiated(server.path);
    client.checked = false;
    assert.equal((await client.ask('query-machine')).engine, 'echo');
    await client.ask('machine-set', { engine: 'embedded' });
    await client.ask('x-exit-preconfig');
    assert.equal((await client.ask('query-machine')).engine, 'embedded');
    const [{ engines }] = await client.ask('query-machine-options', { options: ['name'] });
    assert.deepEqual(engines, ['echo', ...standardEngines.map(({ kind }) => kind)]);
    client.close();
  });

  test('checks the name of an engine against those that it has', async () => {
    await using server = await startTestServer({ engines: [echoKit] });
    const client = await RawClient.negotiated(server.path);
    client.checked = false;
    assert.equal(
      await client.refusal('machine-set', { engine: 'embedded' }),
      "Option 'engine': this server has no engine 'embedded', only 'echo'",
    );
    await client.ask('x-exit-preconfig');
    assert.equal((await client.ask('query-machine')).engine, 'echo');
    client.close();
  });
});
