// Real QEMUs that hang, are killed at any moment, or outlive the process that started them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chardevTypes } from '../../../../src/chardevs/index.ts';
import { declaringCommands } from '../../../../src/commands/traits.ts';
import { QemuEngine } from '../../../../src/engines/qemu/engine.ts';
import { processStat } from '../../../../src/host/process-identity.ts';
import type { Instance } from '../../../../src/machine/instance.ts';
import { QmpError } from '../../../../src/qmp/error.ts';
import { LocalError } from '../../../../src/util/local-error.ts';
import { binaries, clock, forward, RecordingHost, rig, tcg, value } from '../../../kit/qemu/rig.ts';

const maker = fileURLToPath(new URL('fixtures/machine-maker.js', import.meta.url));

/** Makes a machine in another process, which is then killed without warning. */
async function orphan(binary: string, directory: string): Promise<number> {
  const child = spawn(process.execPath, [maker, binary, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) =>
    child.stdout.once('data', (text) => resolve(Number(text))),
  );
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  return pid;
}

function engineIn(directory: string, binary: string, host: RecordingHost): QemuEngine {
  return new QemuEngine({
    chardevTypes,
    binary,
    runtimeDirectory: path.join(directory, 'run'),
    stateDirectory: path.join(directory, 'state'),
    clock,
    declaring: declaringCommands,
    log: (message) => host.log(message),
  });
}

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-adopt-'));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('a QEMU that is stopped is noticed, its waiting commands are answered, and it is used again', async () => {
      await using r = rig(binary, { heartbeat: { intervalMs: 30, limitMs: 150 } });
      const machine = await r.create(tcg);
      const pid = machine.status().pid ?? 0;
      process.kill(pid, 'SIGSTOP');
      await assert.rejects(
        forward(machine, 'query-block'),
        /query-block: QEMU \(process \d+\) does not answer; the process is stopped/,
      );
      assert.equal(machine.status().answering, false);
      await assert.rejects(forward(machine, 'query-block'), /does not answer/);
      process.kill(pid, 'SIGCONT');
      while (!machine.status().answering) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal((await forward(machine, 'query-block')).kind, 'return');
      assert.ok(r.host.messages.includes('QEMU answers again'));
    });

    test('a stopped QEMU can be taken down', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const pid = machine.status().pid ?? 0;
      process.kill(pid, 'SIGSTOP');
      await machine.end();
      assert.equal(existsSync(`/proc/${pid}`), false);
    });

    test('a QEMU that is killed at any moment of creation leaves an error and nothing else', async () => {
      await using r = rig(binary);
      await r.engine.version();
      await r.engine.close();
      const pids = path.join(r.directory, 'pids');
      const wrapper = path.join(r.directory, 'qemu');
      writeFileSync(wrapper, `#!/bin/sh\necho $$ >> ${pids}\nexec ${binary} "$@"\n`);
      chmodSync(wrapper, 0o755);
      await using wrapped = rig(wrapper);
      await wrapped.engine.version();
      await wrapped.engine.close();
      let made = 0;
      for (let round = 0; round < 50; round += 1) {
        writeFileSync(pids, '');
        const creation = wrapped.create(tcg, [
          { kind: 'object', id: 'io', arguments: { 'qom-type': 'iothread', id: 'io' } },
        ]);
        const outcome = creation.then(
          (machine: Instance) => machine,
          (error: unknown) => error,
        );
        while (readFileSync(pids, 'utf8') === '') await new Promise((resolve) => setImmediate(resolve));
        const pid = Number(readFileSync(pids, 'utf8'));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 80));
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // Created and destroyed by then.
        }
        const result = await outcome;
        if (result instanceof Error) assert.ok(result instanceof QmpError, String(result));
        else made += 1;
        if (result instanceof QmpError) assert.match(result.message, /was killed by SIGKILL/);
        while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 5));
        while ((await wrapped.leftovers()).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.ok(made < 50);
    });

    test('the machine of a qmpd that was killed is found again, with its configuration, and works', () =>
      inDirectory(async (directory) => {
        const pid = await orphan(binary, directory);
        const host = new RecordingHost();
        const engine = engineIn(directory, binary, host);
        const found = await engine.resume();
        assert.equal(found?.runState, 'running');
        assert.equal(found.configuration?.options.name, 'orphan');
        assert.deepEqual(
          found.configuration?.declarations.map(({ id }) => id),
          ['io0'],
        );
        const machine = found.take(host);
        assert.equal(machine.status().pid, pid);
        assert.deepEqual(await value(machine, 'query-name'), { name: 'orphan' });
        // Those of its sessions are gone with them; what QEMU has open of them stays.
        assert.doesNotMatch(JSON.stringify(await value(machine, 'query-fdsets')), /"fd":/);
        const nodes = await value(machine, 'query-named-block-nodes');
        assert.match(JSON.stringify(nodes), /"node-name":"file0"/);
        const stopped = host.next('STOP');
        await value(machine, 'stop');
        await stopped;
        // Once more, by the same way.
        await machine.end();
        // Not our child: its new parent may not have waited for it yet.
        assert.ok(!['R', 'S', 'D', 'T'].includes(processStat(pid)?.state ?? 'gone'));
        assert.deepEqual(readdirSync(path.join(directory, 'run')), []);
        assert.equal(await engine.resume(), undefined);
        await engine.close();
      }));

    test('a QEMU that was being started, or only asked, is gone after its qmpd was killed', () =>
      inDirectory(async (directory) => {
        const pids = path.join(directory, 'pids');
        const wrapper = path.join(directory, 'qemu');
        // Started as a machine it never dials in.
        const script = `#!/bin/sh\necho $$ >> ${pids}\ncase "$*" in *-preconfig*) exec sleep 1000;; esac\nexec ${binary} "$@"\n`;
        writeFileSync(wrapper, script);
        chmodSync(wrapper, 0o755);
        const child = spawn(process.execPath, [maker, wrapper, directory], { stdio: 'ignore' });
        const started = (): number[] =>
          existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : [];
        while (started().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
        const marks = (): string[] =>
          readdirSync(path.join(directory, 'run')).filter((name) =>
            existsSync(path.join(directory, 'run', name, 'starting')),
          );
        while (marks().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
        child.kill('SIGKILL');
        await new Promise((resolve) => child.once('exit', resolve));
        assert.equal(await engineIn(directory, binary, new RecordingHost()).resume(), undefined);
        for (const pid of started()) {
          while (['R', 'S', 'D'].includes(processStat(pid)?.state ?? 'gone')) {
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        }
        assert.deepEqual(readdirSync(path.join(directory, 'run')), []);
      }));

    test('a machine that died with its qmpd is not there any more', () =>
      inDirectory(async (directory) => {
        const pid = await orphan(binary, directory);
        process.kill(pid, 'SIGKILL');
        while (['R', 'S', 'D'].includes(processStat(pid)?.state ?? 'gone')) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const engine = engineIn(directory, binary, new RecordingHost());
        assert.equal(await engine.resume(), undefined);
        assert.deepEqual(readdirSync(path.join(directory, 'run')), []);
        assert.equal(existsSync(path.join(directory, 'state', 'machine.json')), false);
      }));
  });
}

test('a state file that is damaged, foreign or of another format is an error, and starts nothing', () =>
  inDirectory(async (directory) => {
    const [first] = binaries;
    const engine = engineIn(directory, first?.path ?? '', new RecordingHost());
    const file = path.join(directory, 'state', 'machine.json');
    mkdirSync(path.dirname(file));
    const process = { pid: 1, 'start-time': '0' };
    const contents: [string, RegExp][] = [
      ['', /is damaged: it holds no JSON object/],
      ['{"format": 1', /is damaged/],
      ['{"format": 2}', /has the format 2; this qmpd knows 1/],
      ['{"format": 1}', /is damaged: members are missing/],
      [
        JSON.stringify({
          format: 1,
          binary: 'x',
          process,
          directory: '/',
          generation: 1,
          options: {},
          declarations: [{}],
        }),
        /damaged/,
      ],
    ];
    for (const [content, message] of contents) {
      writeFileSync(file, content);
      await assert.rejects(engine.resume(), (error: unknown) => {
        assert(error instanceof LocalError);
        assert.match(error.message, message);
        return true;
      });
      assert.equal(readFileSync(file, 'utf8'), content);
    }
  }));
