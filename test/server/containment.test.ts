// A throw at every seam in turn: what it belongs to ends, everybody else goes on.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { rehearsal, type UnitOfWork, unitsOfWork } from '../../src/util/contain.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

/** Who watches: sessions of the same server, beside a machine that runs. */
const watchersCount = 20;

/** A running server with its watchers, and a client whose work is going to fail. */
interface Scene {
  readonly server: TestServer;
  readonly log: string[];
  readonly watchers: RawClient[];
}

/** Makes the unit happen, for a client of its own or the server. */
interface Trigger {
  /** The owner whose unit fails; absent: the first that has one. */
  readonly owner?: (victim: string) => string;
  /** The victim is over afterwards. */
  readonly ends: boolean;
  run(victim: RawClient, scene: Scene): Promise<void>;
}

const ofSession = (victim: string): string => `session ${victim}`;

/** A server to be attached to; what it answers to `twice` is followed by an event at once. */
async function upstreamServer(socketPath: string): Promise<Server> {
  const greeting =
    '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 10}, "package": ""}, "capabilities": []}}\r\n';
  const event = '{"timestamp": {"seconds": 1, "microseconds": 0}, "event": "STOP"}\r\n';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(greeting);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let match = /^\{"execute":"([^"]*)".*?"id":(\d+)\}\s*/.exec(text); match; ) {
        text = text.slice(match[0].length);
        const value = match[1] === 'query-status' ? '{"status": "running", "running": true}' : '{}';
        socket.write(`{"return": ${value}, "id": ${match[2]}}\r\n${match[1] === 'twice' ? event : ''}`);
        if (match[1] === 'leave') socket.destroy();
        match = /^\{"execute":"([^"]*)".*?"id":(\d+)\}\s*/.exec(text);
      }
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return server;
}

/** The fault is in a server of its own, in this process: that one ends, and with it the victim's session there. */
function attachedTrigger(command: string): Trigger {
  return {
    ends: false,
    run: async (_, { server, log }) => {
      const socketPath = path.join(server.directory, `upstream-${command}`);
      const upstream = await upstreamServer(socketPath);
      const attached = await startTestServer({
        attach: `unix:${socketPath}`,
        log: (message) => log.push(message),
      });
      const client = await RawClient.negotiated(attached.path);
      client.checked = false;
      rehearsed.armed = true;
      client.send(`{"execute":"${command}"}\n`);
      await client.untilClosed();
      await attached.server.ended;
      upstream.close();
    },
  };
}

/** Set where a trigger has a seam pass unharmed until it is ready. */
const rehearsed = { armed: true };

/** Windows of limited events have their test in test/qmp/events/bus.test.ts, timers in system-clock.test.ts. */
type HereUnit = Exclude<UnitOfWork, 'event-window' | 'timer'>;

const triggers: Readonly<Record<HereUnit, Trigger>> = {
  'session-input': {
    owner: ofSession,
    ends: true,
    run: async (victim) => victim.send('{"execute":"query-status"}\n'),
  },
  'session-end-of-input': {
    owner: ofSession,
    ends: true,
    run: async (victim) => void victim.socket.end(),
  },
  'session-drained': {
    owner: ofSession,
    ends: true,
    run: async (victim) => {
      victim.socket.pause();
      for (let i = 0; i < 40; i += 1) victim.send('{"execute":"query-qmp-schema"}\n');
      await new Promise((resolve) => setTimeout(resolve, 200));
      victim.socket.resume();
    },
  },
  'session-answer': {
    owner: ofSession,
    ends: true,
    run: async (victim) => victim.send('{"execute":"query-qmp-schema"}\n'),
  },
  'session-event': {
    owner: ofSession,
    ends: true,
    run: async (_, { watchers }) => void (await watchers[0]?.ask('stop')),
  },
  'session-closed': { owner: ofSession, ends: true, run: async (victim) => victim.close() },
  'connection-accepted': {
    ends: false,
    run: async (_, { server }) => {
      const turned = await RawClient.connect(server.path);
      await turned.untilClosed();
    },
  },
  command: {
    owner: ofSession,
    ends: false,
    run: async (victim) =>
      assert.match(await victim.refusal('query-status'), /^The command query-status failed: rehearsed$/),
  },
  event: { ends: false, run: async (_, { watchers }) => void (await watchers[0]?.ask('stop')) },
  'event-listener': {
    ends: false,
    // One of the watchers hears first.
    run: async (victim, { server, watchers }) => {
      await victim.ask('stop');
      const hit = (): number => watchers.findIndex(({ closed }) => closed);
      while (hit() < 0) await new Promise((resolve) => setTimeout(resolve, 5));
      watchers[hit()] = await RawClient.negotiated(server.path);
    },
  },
  'upstream-input': attachedTrigger('query-name'),
  'upstream-held-lines': attachedTrigger('twice'),
  'upstream-closed': attachedTrigger('leave'),
};

/** The units that an `attach` passes already while it begins. */
const armedLater: ReadonlySet<UnitOfWork> = new Set(['upstream-input']);

describe('a fault', () => {
  let scene: Scene;

  before(async () => {
    const log: string[] = [];
    const server = await startTestServer({ log: (message) => log.push(message) });
    const watchers = await Promise.all(
      Array.from({ length: watchersCount }, () => RawClient.negotiated(server.path)),
    );
    scene = { server, log, watchers };
    const [first] = watchers;
    await first?.ask('machine-set', { engine: 'embedded' });
    await first?.ask('x-exit-preconfig');
  });
  after(async () => {
    rehearsal.begin = undefined;
    await scene.server[Symbol.asyncDispose]();
  });

  const isHere = (unit: UnitOfWork): unit is HereUnit => unit in triggers;
  for (const unit of unitsOfWork.filter(isHere)) {
    it(`in ${unit} ends what it belongs to, and nobody else`, async () => {
      const { server, log, watchers } = scene;
      await watchers[0]?.ask('cont');
      const victim = await RawClient.negotiated(server.path);
      const sessions: { id: string }[] = await victim.ask('query-sessions');
      const { owner, ends, run } = triggers[unit];
      const name = owner?.(sessions.at(-1)?.id ?? '');
      let faults = 0;
      rehearsed.armed = !armedLater.has(unit);
      log.length = 0;
      rehearsal.begin = (begun, whose) => {
        if (begun !== unit || faults > 0 || !rehearsed.armed || (name !== undefined && whose !== name))
          return;
        faults += 1;
        throw new Error('rehearsed');
      };
      await run(victim, scene);
      if (ends) await victim.untilClosed();
      while (faults === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      rehearsal.begin = undefined;
      assert.equal(faults, 1);
      assert.equal(
        log.filter((line) => line.includes(`fault in ${unit}: Error: rehearsed\n    at `)).length,
        1,
      );
      // Everybody else: the machine runs on, and each of the watchers is answered and heard nothing strange.
      for (const [index, watcher] of watchers.entries()) {
        assert.equal((await watcher.ask('query-machine')).phase, 'created', `watcher ${index}`);
      }
      if (!ends) assert.equal((await victim.ask('query-machine')).phase, 'created');
      victim.close();
    });
  }
});
