// A server that executes out-of-band is sent in-band commands without ids: whose answer is whose.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { replyValue, Upstream } from '../../../src/engines/upstream/upstream.ts';
import { MessageParser } from '../../../src/json/message-parser.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';
import type { Connection } from '../../../src/qmp/connection.ts';
import { connectUnix, listenUnix } from '../../../src/transports/unix/unix.ts';
import { clock } from '../../kit/qemu/rig.ts';
import { temporaryDirectory } from '../../kit/transports/pairs.ts';

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 9}, "package": ""}, "capabilities": ["oob"]}}\r\n';

interface Script {
  /** Sent with the greeting. */
  readonly first: string;
  readonly log: (message: string) => void;
  /** What the server does after this many of our commands. */
  respond(commands: readonly JsonObject[], send: (text: string) => void): void;
}

/** Serves as a QEMU does, and gives its monitor to `work`. */
async function scripted(script: Script, work: (upstream: Upstream) => Promise<void>): Promise<void> {
  using directory = temporaryDirectory();
  const socket = path.join(directory.path, 's');
  const listener = await listenUnix({ path: socket }, (connection) => serve(connection, script));
  const upstream = new Upstream({
    clock,
    generation: 3,
    endLines: false,
    polling: { limitUs: 0 },
    log: script.log,
  });
  upstream.accept(await connectUnix(socket));
  try {
    await upstream.ready;
    await work(upstream);
  } finally {
    upstream.close();
    await listener.close();
  }
}

function serve(connection: Connection, { first, respond }: Script): void {
  const parser = new MessageParser();
  const commands: JsonObject[] = [];
  const send = (text: string): void => connection.write(text);
  connection.start({
    data: (chunk) =>
      parser.feed(chunk, {
        message: ({ value }) => {
          const command = value as JsonObject;
          if (command.execute === 'qmp_capabilities') {
            send(`{"return": {}, "id": ${String(command.id)}}\r\n`);
          } else {
            commands.push(command);
            respond(commands, send);
          }
        },
        error: (desc) => assert.fail(desc),
      }),
    end: () => connection.end(),
    drain: () => undefined,
    close: () => undefined,
  });
  send(greeting + first);
}

test('answers without ids belong to the in-band commands in their order, whatever comes out-of-band between', async () => {
  const script: Script = {
    first: '',
    log: (message) => assert.fail(message),
    respond: (commands, send) => {
      if (commands.length < 4) return;
      assert.deepEqual(
        commands.map(({ execute, 'exec-oob': outOfBand }) => execute ?? outOfBand),
        ['first', 'second', 'urgent', 'third'],
      );
      assert.deepEqual(
        commands.map(({ id }) => typeof id),
        ['undefined', 'undefined', 'number', 'undefined'],
      );
      send('{"return": {"of": "first", "id": 50}}\r\n');
      send(`{"return": "urgent", "id": ${String(commands[2]?.id)}}\r\n`);
      send('{"error": {"class": "GenericError", "desc": "of \\"second\\""}}\r\n{"return": 3}\r\n');
    },
  };
  await scripted(script, async (upstream) => {
    const ask = async (command: string, outOfBand = false): Promise<JsonValue> =>
      replyValue(
        await upstream.scheduler.submit({ session: command, command, argumentsText: undefined, outOfBand }),
      );
    const answers = await Promise.allSettled([
      ask('first'),
      ask('second'),
      ask('urgent', true),
      ask('third'),
    ]);
    const [first, second, urgent, third] = answers.map((answer) =>
      answer.status === 'fulfilled' ? answer.value : String(answer.reason.message),
    );
    assert.deepEqual({ ...(first as JsonObject) }, { of: 'first', id: 50 });
    assert.deepEqual([second, urgent, third], ['of "second"', 'urgent', 3]);
  });
});

test('answers to an earlier connection’s commands, which come before negotiation is answered, are nobody’s', async () => {
  const messages: string[] = [];
  const script: Script = {
    first: '{"return": {"of": "earlier"}}\r\n{"return": {}, "id": 33}\r\n',
    log: (message) => messages.push(message),
    respond: (_commands, send) => send('{"return": {"of": "ours"}}\r\n{"return": {"of": "nobody"}}\r\n'),
  };
  await scripted(script, async (upstream) => {
    for (const command of ['one', 'two']) {
      assert.equal(((await upstream.ask(command)) as JsonObject).of, 'ours');
    }
  });
  const dropped = "an answer to none of qmpd's commands:";
  assert.deepEqual(messages, [
    `${dropped} {"of": "earlier"}`,
    `${dropped} {"of": "nobody"}`,
    `${dropped} {"of": "nobody"}`,
  ]);
});
