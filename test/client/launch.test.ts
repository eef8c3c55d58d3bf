import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { launch, type QmpClient } from '../../src/client/index.ts';

const clientModule = new URL('../../src/client/index.js', import.meta.url);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function directoryOf(address: string): string {
  return path.dirname(address.slice('unix:'.length));
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    assert.ok(tries < 500, 'waited for five seconds in vain');
    await delay(10);
  }
}

async function runTinyGuest(vm: QmpClient): Promise<void> {
  await vm.execute('machine-set', { engine: 'embedded', memory: { size: 16 * 1_048_576 } });
  await vm.execute('x-exit-preconfig');
  await vm.execute('cont');
}

test('a private qmpd runs a machine, takes more clients, and leaves nothing behind', async () => {
  let address = '';
  let pid = 0;
  {
    await using qmpd = await launch();
    ({ address, pid } = qmpd);
    await runTinyGuest(qmpd.vm);
    await using second = await qmpd.connect();
    assert.equal((await second.execute('query-status')).status, 'running');
  }
  assert.equal(isAlive(pid), false);
  assert.equal(existsSync(directoryOf(address)), false);
});

test('closing twice, or after the server has ended, does no harm', async () => {
  const qmpd = await launch();
  await qmpd.vm.execute('quit');
  assert.deepEqual(await qmpd.ended, { status: 0, signal: null });
  await qmpd.close();
  await qmpd.close();
});

test('a private qmpd that was killed is cleaned up after', async () => {
  const qmpd = await launch();
  process.kill(qmpd.pid, 'SIGKILL');
  assert.equal((await qmpd.ended).signal, 'SIGKILL');
  await qmpd.close();
  assert.equal(existsSync(directoryOf(qmpd.address)), false);
});

test('a private qmpd ends when the program that launched it is killed', async () => {
  const script = `
    import { launch } from ${JSON.stringify(pathToFileURL(new URL(clientModule).pathname).href)};
    const qmpd = await launch();
    await qmpd.vm.execute('machine-set', { engine: 'embedded' });
    await qmpd.vm.execute('x-exit-preconfig');
    process.stdout.write(qmpd.pid + ' ' + qmpd.address + '\\n');
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: parent.stdout }), 'line');
  const [pid, address] = String(line).split(' ');
  assert.ok(isAlive(Number(pid)));
  parent.kill('SIGKILL');
  await until(() => !isAlive(Number(pid)));
  assert.equal(existsSync(directoryOf(address ?? '')), false);
});

test('a qmpd that cannot start says why in its own words', async () => {
  await assert.rejects(launch({ args: ['--qmp', 'unix:/nonexistent/x'] }), {
    code: 'ERR_QMPD_LAUNCH',
    message: /status 1\nqmpd: unix:\/nonexistent\/x: no such directory/,
  });
  await assert.rejects(launch({ args: ['--no-such-option'] }), {
    message: /Unknown option '--no-such-option'/,
  });
});

test('launching can be aborted', async () => {
  await assert.rejects(launch({ signal: AbortSignal.timeout(20) }), { code: 'ERR_QMPD_LAUNCH' });
});
