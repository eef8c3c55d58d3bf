// Commands with arguments made from the schema, in any order, while the machine comes and goes: each is answered as the
// schema says, or refused in words; none is a fault of the program, and none hangs.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { commandSchemas } from '../../src/schema/index.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer } from '../kit/server/test-server.ts';
import { temporaryDirectory } from '../kit/transports/pairs.ts';
import { RandomArguments } from './random-arguments.ts';

const rounds = 600;
/** The end of the session or of the server, and large answers that are the same each time. */
const left = new Set(['quit', 'session-close', 'qmp_capabilities', 'query-qmp-schema', 'query-commands']);
const bytesMax = 2 ** 20;

describe('commands with random arguments', () => {
  const directory = temporaryDirectory();
  const home = process.cwd();
  // File names without a directory are among the arguments.
  before(() => process.chdir(directory.path));
  after(() => {
    process.chdir(home);
    directory[Symbol.dispose]();
  });

  it('are answered or refused', { timeout: 100_000 }, async (context) => {
    const seed = Number(process.env.QMPD_SEED ?? Date.now() % 1_000_000);
    // Also where an answer never comes, and the test ends by its time limit.
    context.diagnostic(`QMPD_SEED=${seed}`);
    const file = path.join(directory.path, 'file');
    const strings = ['', 'a', 's0', 'c0', 'cdrom', 'fda', '/machine', '\u0000', 'ü', file, `${file}/none`];
    const random = new RandomArguments(seed, strings);
    const names = [...commandSchemas.keys()].filter((name) => !left.has(name));
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const other = await RawClient.negotiated(server.path);
    await client.ask('machine-set', { engine: 'embedded' });
    for (let round = 0; round < rounds; round += 1) {
      const name = random.next() < 0.06 ? 'x-exit-preconfig' : random.pick(names);
      const args = random.of(commandSchemas.get(name)?.arguments ?? '');
      if (args !== undefined) tame(name, args, random);
      const reply = await client.execute(name, args);
      const hint = `QMPD_SEED=${seed}: ${name} ${JSON.stringify(args)}: ${JSON.stringify(reply)}`;
      assert.ok(reply !== undefined, hint);
      assert.doesNotMatch(reply.error?.desc ?? '', /^The command \S+ failed/, hint);
      if (round % 20 === 0)
        await client.execute('machine-unset', { options: ['memory', 'serial', 'kernel'] });
    }
    await other.ask('query-status');
  });
});

/** Changes what would only take long or end the conversation. */
function tame(name: string, args: Record<string, unknown>, random: RandomArguments): void {
  if (/memsave$/.test(name) && typeof args.size === 'number') args.size = Math.min(args.size, bytesMax);
  if (name !== 'machine-set') return;
  const kept = random.pick(Object.keys(args));
  for (const option of Object.keys(args)) if (option !== kept || option === 'engine') delete args[option];
}
