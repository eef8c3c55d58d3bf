// What is not there, not permitted or not what it should be: an error that names the option or member and the thing,
// and everything as it was before.

import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LocalError } from '../../src/util/local-error.ts';
import { strerror } from '../../src/util/strerror.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

/** A file that nobody can open for writing, root included. */
const readOnlyFile = '/sys/kernel/uevent_seqnum';

/** Containers have a sysfs that is only read; then that is the reason. */
function refusalOf(file: string): string {
  try {
    closeSync(openSync(file, 'r+'));
  } catch (thrown) {
    return strerror(thrown);
  }
  throw new Error(`${file} can be written to`);
}

describe('a machine cannot be created', () => {
  let server: TestServer;
  let client: RawClient;

  before(async () => {
    server = await startTestServer();
    client = await RawClient.negotiated(server.path);
    await client.ask('machine-set', { engine: 'embedded' });
    writeFileSync(path.join(server.directory, 'text'), 'hello');
    mkdirSync(path.join(server.directory, 'folder'));
    const out = path.join(server.directory, 'no-such', 'log');
    await client.ask('chardev-add', { id: 'lost', backend: { type: 'file', data: { out } } });
  });
  after(() => server[Symbol.asyncDispose]());

  /** `D` in options and in the error stands for the test's directory. */
  async function refused(options: object, desc: string): Promise<void> {
    const inPlace = (text: string): string => text.replaceAll('D/', `${server.directory}/`);
    const given = JSON.parse(inPlace(JSON.stringify(options)));
    await client.ask('machine-set', given);
    assert.equal(await client.refusal('x-exit-preconfig'), inPlace(desc));
    await client.ask('machine-unset', { options: Object.keys(given) });
    // Nothing is left of it: the next one can be made at once.
    await client.ask('x-exit-preconfig');
    await client.ask('machine-destroy');
  }

  const cases: readonly (readonly [string, object, string])[] = [
    [
      'from a kernel that is none',
      { kernel: 'D/text' },
      "Option 'kernel': 'D/text' is not a Linux kernel image (bzImage)",
    ],
    [
      'from a kernel that is missing',
      { kernel: 'D/none' },
      "Option 'kernel': Could not read 'D/none': No such file or directory",
    ],
    [
      'from a kernel that is a directory',
      { kernel: 'D/folder' },
      "Option 'kernel': Could not read 'D/folder': Is a directory",
    ],
    ['from an initrd without a kernel', { initrd: 'D/text' }, "Option 'initrd': it needs 'kernel'"],
    [
      'with firmware that is missing',
      { firmware: 'D/none' },
      "Option 'firmware': Could not read 'D/none': No such file or directory",
    ],
    [
      'with more memory than the emulator can have',
      { memory: { size: 2 ** 40 } },
      "Option 'memory.size': 1099511627776 bytes are not possible: from 1 MiB to 2047.875 MiB in steps of 128 KiB are expected",
    ],
    [
      'with a disk image that is missing',
      { hda: { file: 'D/none' } },
      "Option 'hda': Could not open 'D/none': No such file or directory",
    ],
    [
      'with a disk image that is a directory',
      { hda: { file: 'D/folder' } },
      "Option 'hda': 'D/folder' is not a regular file",
    ],
    [
      'with a floppy of a size that there is not',
      { fda: { file: 'D/text' } },
      "Option 'fda': no floppy disk has 5 bytes; the usual size is 1474560",
    ],
    [
      'with a block node that is missing',
      { hda: 'nobody' },
      "Option 'hda': Cannot find device='nobody' nor node-name='nobody'",
    ],
    [
      'with a serial port on a chardev that is missing',
      { serial: ['nobody'] },
      "Option 'serial': Chardev 'nobody' not found",
    ],
    [
      'with a serial port on a chardev that cannot be opened',
      { serial: ['lost'] },
      "Option 'serial': Failed to add chardev 'lost': Could not open 'D/no-such/log': No such file or directory",
    ],
    [
      'with more serial ports than it has',
      { serial: ['a', 'b', 'c', 'd', 'e'] },
      "Option 'serial': the embedded engine has 4 serial ports",
    ],
  ];
  for (const [what, options, desc] of cases) it(what, () => refused(options, desc));

  it('with a disk image that can only be read, unless that is said', {
    skip: existsSync(readOnlyFile) ? false : 'needs sysfs',
  }, async () => {
    await refused(
      { hda: { file: readOnlyFile } },
      `Option 'hda': Could not open '${readOnlyFile}' for writing: ${refusalOf(readOnlyFile)} (with 'read-only' the guest only reads it)`,
    );
  });

  it('with two serial ports on one chardev', async () => {
    await client.ask('chardev-add', { id: 'one', backend: { type: 'null', data: {} } });
    await refused({ serial: ['one', 'one'] }, "Option 'serial': chardev 'one' is already in use");
  });

  it('with the serial port on a chardev that a monitor has', async () => {
    await client.ask('chardev-add', { id: 'two', backend: { type: 'null', data: {} } });
    await client.ask('object-add', { 'qom-type': 'monitor-qmp', id: 'm', chardev: 'two' });
    await refused({ serial: ['two'] }, "Option 'serial': chardev 'two' is already in use");
    await client.ask('object-del', { id: 'm' });
  });
});

describe('a medium of a machine that runs', () => {
  it('is named with its option when it is not there, and the old one stays', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const missing = path.join(server.directory, 'none');
    const image = path.join(server.directory, 'disc');
    writeFileSync(image, Buffer.alloc(2048));
    await client.ask('machine-set', { engine: 'embedded', cdrom: { file: image } });
    await client.ask('x-exit-preconfig');
    const why = `Could not open '${missing}': No such file or directory`;
    assert.equal(await client.refusal('machine-set', { cdrom: { file: missing } }), `Option 'cdrom': ${why}`);
    assert.equal(await client.refusal('blockdev-change-medium', { id: 'cdrom', filename: missing }), why);
    const drives: { qdev: string; inserted?: { file: string } }[] = await client.ask('query-block');
    assert.equal(drives.find(({ qdev }) => qdev === 'cdrom')?.inserted?.file, image);
  });
});

describe('a server cannot listen', () => {
  const cases: readonly (readonly [string, (directory: string) => string, string, RegExp])[] = [
    [
      'in a directory that is missing',
      (d) => `unix:${d}/no/s`,
      'ERR_QMPD_NO_DIRECTORY',
      /no such directory: /,
    ],
    ['in a file', (d) => `unix:${d}/text/s`, 'ERR_QMPD_NO_DIRECTORY', /not a directory: /],
    ['where it may not write', () => 'unix:/sys/s', 'ERR_QMPD_ACCESS', /cannot write to \/sys/],
    [
      'over a file that is not a socket',
      (d) => `unix:${d}/text`,
      'ERR_QMPD_ADDRESS_IN_USE',
      /is not a socket/,
    ],
    [
      'at a path that is too long',
      (d) => `unix:${d}/${'x'.repeat(100)}`,
      'ERR_QMPD_PATH_TOO_LONG',
      /at most 107/,
    ],
    [
      'where another one listens',
      (d) => `unix:${d}/live`,
      'ERR_QMPD_ADDRESS_IN_USE',
      /another server listens/,
    ],
  ];

  for (const [where, address, code, words] of cases) {
    it(`${where}: the address is named, and the others are given back`, async () => {
      await using outer = await startTestServer();
      writeFileSync(path.join(outer.directory, 'text'), '');
      const live = createServer();
      await new Promise<void>((resolve) => live.listen(path.join(outer.directory, 'live'), resolve));
      const first = path.join(outer.directory, 'first');
      const bad = address(outer.directory);
      await assert.rejects(startTestServer({ listeners: [`unix:${first}`, bad] }), (thrown) => {
        assert.ok(thrown instanceof LocalError);
        assert.equal(thrown.code, code);
        assert.ok(thrown.message.startsWith(`${bad}: `), thrown.message);
        assert.match(thrown.message, words);
        return true;
      });
      assert.equal(existsSync(first), false);
      live.close();
      // The same address by QMP: the error names the parameter, too.
      const client = await RawClient.negotiated(outer.path);
      const object = { 'qom-type': 'qmp-server', id: 's', addr: { type: 'unix', path: bad.slice(5) } };
      if (where !== 'where another one listens') {
        const desc = await client.refusal('object-add', object);
        assert.ok(desc.startsWith(`Parameter 'addr': ${bad}: `), desc);
      }
      client.close();
    });
  }

  it('at addresses that are none', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ type: 'inet', host: '127.0.0.1', port: 'x' }, /^Parameter 'addr': 'port' expects a number/],
      [{ type: 'inet', host: '127.0.0.1', port: '65536' }, /^Parameter 'addr': .*65536/],
      [{ type: 'vsock', cid: '1', port: '1' }, /^Parameter 'addr\.type': /],
      [{ type: 'fd', str: '0' }, /^Parameter 'addr': File descriptor named '0' has not been found$/],
      [{ type: 'unix', path: '' }, /^Parameter 'addr': .*a path is missing/],
    ];
    for (const [addr, desc] of wrong) {
      assert.match(await client.refusal('object-add', { 'qom-type': 'qmp-server', id: 's', addr }), desc);
      assert.equal(await client.refusal('object-del', { id: 's' }), "object 's' not found");
    }
    for (const mode of ['rw', '999', '0o600', '-1']) {
      const addr = { type: 'unix', path: path.join(server.directory, 's') };
      const desc = await client.refusal('object-add', { 'qom-type': 'qmp-server', id: 's', addr, mode });
      assert.match(desc, /mode= takes octal permissions/);
    }
  });
});
