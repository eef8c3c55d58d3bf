// What is known of each command (src/commands/traits.ts): nothing is missing, nothing is about a command that no QEMU
// has, and nothing changes unseen: traits.txt shows all of it (`npm test -- commands/traits --update` writes it anew).

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commands } from '../../src/commands/handlers/index.ts';
import { qemuCommands } from '../../src/commands/traits/index.ts';
import { declaringCommands, knownCommands, traitsOf } from '../../src/commands/traits.ts';
import { optionNames } from '../../src/machine/options.ts';
import { declaredKinds } from '../../src/qmp/traits.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { QemuUnderTest, qemuBinaries } from '../kit/qemu/qemu-under-test.ts';
import { startTestServer } from '../kit/server/test-server.ts';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../test/commands');
const page = path.join(folder, 'traits.txt');

/** The commands of QEMU 7.2, 10.0 and 11.1, each with the releases that have it (all targets together). */
const releases: ReadonlyMap<string, readonly string[]> = new Map(
  readFileSync(path.join(folder, 'qemu-commands.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line): [string, string[]] => {
      const [command = '', found = ''] = line.split('\t');
      return [command, found.split(',')];
    }),
);

/** Belongs to the session itself (src/qmp/session/session.ts). */
const negotiation = 'qmp_capabilities';

/** Reads, but the answer is somebody's own, or has an effect: each who asks is answered anew. */
const neverShared = ['query-cpu-model-expansion'];

describe('the traits of commands', () => {
  it('are those of the page', () => {
    const lines = [...knownCommands]
      .map(([name, traits]) => {
        const { kind, isOwn, engineChecks, carriedOut } = commands.get(name) ?? {};
        const answering = { kind, isOwn: isOwn && true, engineChecks: engineChecks && true };
        return `${name} ${JSON.stringify({ ...traits, ...answering, carriedOut: carriedOut && true })}\n`;
      })
      .sort();
    if (process.env.QMPD_UPDATE === '1') writeFileSync(page, lines.join(''));
    assert.equal(lines.join(''), readFileSync(page, 'utf8'));
  });

  it('are written down once for each command', () => {
    const names = [...qemuCommands.map(([name]) => name), ...commands.keys()];
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });

  it('are there for every command of a QEMU, and of QEMU only for those', () => {
    const unknown = [...releases.keys()].filter((name) => name !== negotiation && !knownCommands.has(name));
    assert.deepEqual(unknown, []);
    assert.deepEqual(
      qemuCommands.map(([name]) => name).filter((name) => !releases.has(name)),
      [],
    );
  });

  it('of a command that nobody knows need admin and say nothing else', () => {
    assert.deepEqual(traitsOf('no-such-command'), { role: 'admin' });
  });

  it('name the commands that declare each kind of thing', () => {
    for (const kind of declaredKinds) {
      const { name, traits } = declaringCommands[kind];
      assert.equal(knownCommands.get(name), traits);
      assert.equal(traits.declares?.kind, kind);
    }
  });

  it('say of every option which role may set it', () => {
    const rules = traitsOf('machine-set').rules ?? [];
    const named = rules.flatMap((rule) => rule.arguments).filter((one) => !one.includes('.'));
    assert.deepEqual([...named].sort(), [...optionNames].sort());
  });

  for (const [name, { role, answer, probe, fatalTypes }] of knownCommands) {
    const isForwarded = commands.get(name)?.kind !== 'own';
    it(`of ${name} agree with each other`, () => {
      if (isForwarded && name.startsWith('query-') && !neverShared.includes(name)) {
        assert.ok(answer !== undefined, 'what only reads is asked once for all who wait');
      }
      // What changes something must reach QEMU each time; of those that ask for more power some only show more.
      if (answer !== undefined) assert.ok(role === 'observe' || role === 'operate', role);
      if (fatalTypes !== undefined) assert.equal(probe, 'always');
    });
  }

  for (const binary of qemuBinaries) {
    const release = `${binary.major}.${binary.minor}`;

    it(`are there for what QEMU ${release} has`, async () => {
      await using qemu = await QemuUnderTest.start(binary, ['-M', 'none', '-display', 'none', '-nodefaults']);
      const theirs = await qemu.execute<readonly { readonly name: string }[]>('query-commands');
      for (const { name } of theirs) {
        if (name === negotiation) continue;
        assert.ok(knownCommands.has(name), name);
        assert.ok(releases.get(name)?.includes(release), `${name} in ${release}`);
      }
    });

    it(`say truly what QEMU ${release} answers without a machine`, async () => {
      await using server = await startTestServer({ qemuBinary: binary.path });
      const client = await RawClient.negotiated(server.path);
      client.checked = false;
      const tooEarly = /is permitted only after machine initialization has completed/;
      for (const [name, found] of releases) {
        const { probe } = traitsOf(name);
        if (commands.has(name) ? probe === undefined : !found.includes(release)) continue;
        const reply = await client.execute(name);
        const desc = reply?.error?.desc ?? '';
        // Commands that this target of QEMU does not have are the ones left over.
        if (reply?.error?.class === 'CommandNotFound') continue;
        if (probe === undefined) assert.match(desc, tooEarly, name);
        else assert.doesNotMatch(desc, tooEarly, name);
      }
    });
  }
});
