// --chardev and --mon of the executable: QMP servers on character devices from the command line.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { RawClient } from '../../kit/clients/raw-client.ts';
import { Dialogue, executablePath, runQmpd } from '../../kit/server/executable.ts';

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-mon-'));
  try {
    await body(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function startQmpd(args: readonly string[]): Dialogue {
  return new Dialogue(process.execPath, [executablePath, '--qemu', '/nonexistent', ...args]);
}

test('monitors on chardevs, named in any order, serve beside the listeners', async () => {
  await inDirectory(async (directory) => {
    const [first, second, door] = ['a', 'b', 'q'].map((name) => path.join(directory, name));
    await using qmpd = startQmpd([
      ...['--mon', 'chardev=m,mode=control,pretty=on,id=both', '--mon', 'c1,mode=control'],
      ...['--chardev', `socket,id=c1,path=${second},server=on,wait=off`],
      ...['--chardev', 'mux,id=m,chardev=c0', '--chardev', `socket,id=c0,path=${first},server=on,wait=off`],
      ...['--qmp', `unix:${door}`, '--state', 'none'],
    ]);
    await qmpd.until(`listening on unix:${door}\n`);
    await qmpd.until('a monitor on m (mux)\n');
    await qmpd.until(`a monitor on c1 (disconnected:unix:${second},server=on)\n`);
    await using client = await connect(door ?? '');
    await using onMux = await connect(first ?? '');
    await using onSocket = await connect(second ?? '');
    await onMux.execute('machine-set', { name: 'seen by all' });
    for (const one of [client, onSocket]) assert.equal((await one.execute('query-name')).name, 'seen by all');
    const sessions = await client.execute('query-sessions');
    assert.deepEqual(
      sessions.map(({ transport, server }) => [transport, server]),
      [
        ['unix', undefined],
        ['chardev', 'both'],
        ['chardev', 'mon1'],
      ],
    );
  });
});

test('with --mon there is no other way in, and stdio can be it', async () => {
  const commands = "{'execute': 'qmp_capabilities'}{'execute': 'query-sessions', 'id': 1}{'execute': 'quit'}";
  const args = ['--chardev', 'stdio,id=c0', '--mon', 'c0,mode=control', '--state', 'none'];
  const { status, output, errors } = await runQmpd(args, commands);
  assert.equal(status, 0);
  assert.match(output, /^\{"QMP": .*"transport": "chardev".*"id": 1\}\r\n/s);
  assert.match(errors, /^qmpd \d+\.\d+\.\d+: a monitor on c0 \(stdio\)\n$/);
});

test('a script may declare the chardev of a monitor', async () => {
  await inDirectory(async (directory) => {
    const [script, place] = [path.join(directory, 'script'), path.join(directory, 'place')];
    const declaration = `chardev-add id=c0 backend.type=socket backend.data.addr.type=unix backend.data.addr.data.path=${place}`;
    await writeFile(script, `${declaration}\n`);
    await using qmpd = startQmpd(['--mon', 'c0,mode=control', '--script', script, '--state', 'none']);
    await qmpd.until('a monitor on c0');
    const client = await RawClient.negotiated(place);
    await client.ask('query-status');
    client.close();
  });
});

for (const [args, status, said] of [
  [['--chardev', 'file,id=c0'], 2, '--chardev file,id=c0: chardev: file: no filename given\n'],
  [
    ['--chardev', 'null,id=c', '--chardev', 'null,id=c'],
    2,
    "--chardev null,id=c: Duplicate ID 'c' for chardev\n",
  ],
  [['--mon', 'c0'], 2, '--mon c0: qmpd has no monitor for people'],
  [['--mon', 'c0,mode=control'], 1, '--mon c0,mode=control: chardev "c0" not found (ERR_QMPD_CHARDEV)\n'],
  [
    ['--chardev', 'mux,id=c0,chardev=c1', '--mon', 'c0,mode=control'],
    1,
    "--mon c0,mode=control: Failed to add chardev 'c0': mux: base chardev c1 not found (ERR_QMPD_CHARDEV)\n",
  ],
  [
    ['--chardev', 'null,id=c0', '--mon', 'c0,mode=control', '--mon', 'c0,mode=control,id=n'],
    1,
    "--mon c0,mode=control,id=n: chardev 'c0' is already in use (ERR_QMPD_CHARDEV)\n",
  ],
  [
    ['--chardev', 'socket,id=c0,path=/x,wait=on'],
    1,
    "'wait' option is incompatible with socket in client connect mode (ERR_QMPD_CHARDEV)\n",
  ],
  [
    ['--chardev', 'console,id=c0,writers=me'],
    1,
    "Parameter 'writers' does not accept value 'me' (ERR_QMPD_CHARDEV)\n",
  ],
] as const) {
  test(`qmpd ${args.join(' ')} ends with status ${status}`, async () => {
    const result = await runQmpd([...args, '--quiet', '--state', 'none', '--qmp', 'stdio']);
    assert.equal(result.status, status);
    assert.ok(result.errors.includes(said), result.errors);
  });
}

test('a chardev takes a descriptor that the process was born with', async () => {
  await inDirectory(async (directory) => {
    const log = path.join(directory, 'log');
    // socat gives its client's socket to the program as descriptor 3.
    const place = path.join(directory, 'place');
    const qmpd = `exec '${process.execPath}' '${executablePath}' --quiet --state none --chardev socket,id=c0,fd=3,server=off --mon c0,mode=control 3<&0 >'${log}' 2>&1`;
    const script = path.join(directory, 'start');
    await writeFile(script, qmpd);
    await using socat = new Dialogue('socat', [`UNIX-LISTEN:${place}`, `EXEC:sh ${script},nofork`]);
    let client: RawClient | undefined;
    while (client === undefined) {
      client = await RawClient.negotiated(place).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await client.ask('quit');
    assert.equal(await socat.status(), 0, await readFile(log, 'utf8'));
  });
});
