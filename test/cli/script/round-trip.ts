// From a machine to its script and back, and from shuffled orders of its options: always the same machine, down to the
// properties of each device. The tests are in the files of this name.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { runScript } from '../../../src/cli/script/run.ts';
import { statementsOf } from '../../../src/cli/script/statements.ts';
import { connect, type QmpClient } from '../../../src/client/index.ts';
import { type ManyOptions, manyOptions } from '../../engines/qemu/options/many-options.ts';
import { type MachinePicture, pictureOf } from '../../kit/qemu/machine-picture.ts';
import type { QemuBinary } from '../../kit/qemu/qemu-under-test.ts';
import { generator } from '../../kit/seeded-random.ts';
import { runQmpd } from '../../kit/server/executable.ts';
import { startTestServer } from '../../kit/server/test-server.ts';

interface Made {
  readonly picture: MachinePicture;
  readonly script: string;
}

/** The machine that `declare` declares, and the script that the server makes of it. */
async function made(binary: QemuBinary, declare: (client: QmpClient) => Promise<void>): Promise<Made> {
  await using running = await startTestServer({ qemuBinary: binary.path });
  await using client = await connect(running.path);
  await declare(client);
  await client.execute('x-exit-preconfig');
  const picture = await pictureOf((command, args) => client.executeAny(command, args));
  const { status, output, errors } = await runQmpd(['script', '--save', running.path]);
  assert.equal(status, 0, errors);
  return { picture, script: output };
}

/** The order of members means nothing. */
function meaning(script: string): unknown[] {
  return script.split('\n').map((line) => (line.startsWith('{') ? JSON.parse(line) : line));
}

/** One option each time, with the declarations, in their order, somewhere between them. */
function inOrder({ options, declarations }: ManyOptions, seed: number): (client: QmpClient) => Promise<void> {
  return async (client) => {
    const pick = generator(seed);
    const left = Object.entries(options);
    const later = [...declarations];
    while (left.length + later.length > 0) {
      const [command, args] = pick(left.length + later.length) < later.length ? (later.shift() ?? []) : [];
      if (command !== undefined) await client.executeAny(command, args);
      else {
        const [[name, value] = []] = left.splice(pick(left.length), 1);
        if (name !== undefined) await client.executeAny('machine-set', { [name]: value });
      }
    }
  };
}

/** The script of a machine, and so many orders of its options, each of its own seed from the first one on. */
export function testRoundTrip(binary: QemuBinary, firstSeed: number, orders: number): void {
  describe(`QEMU ${binary.major}.${binary.minor}`, () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-round-trip-'));
    after(() => rmSync(directory, { recursive: true }));
    const wanted = manyOptions(directory);
    let firstMade: Promise<Made> | undefined;
    const first = (): Promise<Made> => {
      firstMade ??= made(binary, async (client) => {
        for (const [command, args] of wanted.declarations) await client.executeAny(command, args);
        await client.executeAny('machine-set', wanted.options);
      });
      return firstMade;
    };

    test('the script of a machine makes the same machine, and tells the same of it', async () => {
      const { picture, script } = await first();
      assert.match(picture.devices, /serial = "GLOBAL"/);
      const again = await made(binary, async (client) => {
        await runScript(client, { file: 'saved', statements: statementsOf(script, 'saved') });
      });
      assert.deepEqual(again.picture, picture);
      assert.deepEqual(meaning(again.script), meaning(script));
    });

    for (let seed = firstSeed; seed < firstSeed + orders; seed += 1) {
      test(`its options in another order make the same machine (QMPD_SEED=${seed})`, async () => {
        const { picture } = await first();
        assert.deepEqual((await made(binary, inOrder(wanted, seed))).picture, picture);
      });
    }
  });
}
