// The recorded conversations with QEMU, had with a qmpd in front of one: of a machine that qmpd made, and of a QEMU that
// it was attached to. The lines are the same, to the byte, except for the cases that are named here with the reason.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type RecordedCase,
  type RecordedVersion,
  recordedCases,
  recordedVersionOf,
} from '../../kit/cases/recorded-cases.ts';
import { conversationWith, isPretty } from '../../kit/cases/recorded-conversation.ts';
import { RawClient } from '../../kit/clients/raw-client.ts';
import { binaries } from '../../kit/qemu/rig.ts';
import { startTestServer, type TestServer } from '../../kit/server/test-server.ts';

interface Difference {
  readonly case: string;
  readonly front: string;
  readonly version?: string;
  readonly why: string;
  readonly raw: readonly string[];
}

const made = 'a machine that qmpd made';
const shared = 'a QEMU that runs already';

const differences: readonly Difference[] = [
  ...[made, shared].map((front) => ({
    case: 'arg-size-negative',
    front,
    why: 'it aborts QEMU, and is refused before it gets there',
    raw: [`{"error": {"class": "GenericError", "desc": "'size' is out of range: -1"}}`],
  })),
  {
    case: 'oob-yank-ok',
    front: made,
    why: "the chardev of QEMU's only monitor is the one that leads to qmpd",
    raw: ['{"return": [{"type": "chardev", "id": "qmpd"}], "id": 10}'],
  },
  {
    case: 'preconfig-forbidden',
    front: made,
    version: '7.2',
    why: 'while there is no machine qmpd answers query-status itself, with the members that QEMU 10 has',
    raw: [
      `{"id": 1, "error": {"class": "GenericError", "desc": "The command 'query-cpus-fast' is permitted only after machine initialization has completed"}}`,
      '{"return": {"status": "prelaunch", "running": false}}',
    ],
  },
];

/** A way to be in front of a QEMU that is like the recorded one. */
interface Front {
  readonly name: string;
  open(binary: string, recorded: Pick<RecordedCase, 'argv'>, pretty: boolean): Promise<TestServer>;
}

const recordedMachine: readonly string[] = ['-M', 'none', '-nodefaults', '-display', 'none'];

const fronts: readonly Front[] = [
  {
    name: made,
    open: async (binary, { argv }, pretty) => {
      const server = await startTestServer({ qemuBinary: binary, pretty });
      // A blank qmpd is where QEMU is with -preconfig.
      if (!argv?.includes('-preconfig') && !pretty) {
        const client = await RawClient.negotiated(server.path);
        await client.ask('machine-set', { machine: { type: 'none' }, accel: [{ type: 'tcg' }] });
        await client.ask('x-exit-preconfig');
        await client.ask('cont');
        client.close();
      }
      return server;
    },
  },
  { name: shared, open: attachedTo },
];

async function attachedTo(
  binary: string,
  { argv = recordedMachine }: Pick<RecordedCase, 'argv'>,
  pretty: boolean,
): Promise<TestServer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-test-'));
  const socket = path.join(directory, 'qemu');
  const qemu = spawn(binary, [...argv, '-qmp', `unix:${socket},server=on,wait=off`], { stdio: 'ignore' });
  const ended = new Promise((resolve) => qemu.once('exit', resolve));
  const release = async (): Promise<void> => {
    qemu.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 5));
    const server = await attachedServer(`unix:${socket}`, pretty);
    return {
      ...server,
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        await release();
      },
    };
  } catch (thrown) {
    await release();
    throw thrown;
  }
}

/** The socket is there a moment before somebody listens on it. */
async function attachedServer(attach: string, pretty: boolean): Promise<TestServer> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await startTestServer({ attach, pretty });
    } catch (thrown) {
      if (tries === 100) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** These leave the machine, or the server, in another state, or need one of another kind. */
function needsItsOwn(recorded: RecordedCase): boolean {
  return recorded.closed === true || recorded.argv !== undefined || isPretty(recorded);
}

/** Whatever the binary is called: what it says itself decides. */
function versionOf(binary: string): RecordedVersion {
  const text = execFileSync(binary, ['--version'], { encoding: 'utf8' });
  const [, major = '', minor = ''] = /version (\d+)\.(\d+)/.exec(text) ?? [];
  return recordedVersionOf(Number(major), Number(minor));
}

for (const { path: binary } of binaries) {
  const version = versionOf(binary);
  const cases = recordedCases(version);
  for (const front of fronts) {
    describe(`recorded conversations with QEMU ${version}, had through ${front.name}`, () => {
      let common: TestServer;
      before(async () => {
        common = await front.open(binary, {}, false);
      });
      after(() => common[Symbol.asyncDispose]());

      for (const recorded of cases) {
        const difference = differences.find(
          (one) =>
            one.case === recorded.name && one.front === front.name && (one.version ?? version) === version,
        );
        const expected = difference?.raw ?? recorded.raw;
        it(difference === undefined ? recorded.name : `${recorded.name}: ${difference.why}`, async () => {
          if (!needsItsOwn(recorded)) {
            assert.deepEqual(await conversationWith(common.path, recorded), expected);
            return;
          }
          await using own = await front.open(binary, recorded, isPretty(recorded));
          assert.deepEqual(await conversationWith(own.path, recorded), expected);
        });
      }
    });
  }
}
