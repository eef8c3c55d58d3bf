// A host that has no /dev/kvm, no room, or other programs where QEMU should be: an error that says so, and nothing left.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../../../src/util/local-error.ts';
import { binaries, clock, rig, tcg, value } from '../../../kit/qemu/rig.ts';

/** Mounts in a name space of their own disturb nobody. */
const skip =
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp']).status === 0
    ? false
    : 'may not mount in a namespace of its own';

/** Takes the place of a binary: the same one where /dev has only what every program needs. */
const withoutKvm = (binary: string, directory: string): string => `#!/bin/sh
exec unshare -m sh -c '
mount --rbind /dev ${directory}/dev && mount -t tmpfs tmpfs /dev || exit 9
for name in null zero random urandom; do
  touch /dev/$name && mount --bind ${directory}/dev/$name /dev/$name || exit 9
done
exec ${binary} "$@"' sh "$@"
`;

function program(directory: string, name: string, content: string | Buffer): string {
  const file = path.join(directory, name);
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return file;
}

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('without /dev/kvm that is said, and the next accelerator of the list is taken', {
      skip,
    }, async () => {
      await using files = rig(binary);
      mkdirSync(path.join(files.directory, 'dev'));
      await using r = rig(program(files.directory, 'qemu', withoutKvm(binary, files.directory)));
      await assert.rejects(r.create({ accel: [{ type: 'kvm' }] }), /KVM.*: No such file or directory/s);
      const machine = await r.create({ accel: [{ type: 'kvm' }, { type: 'tcg' }] });
      assert.deepEqual(await value(machine, 'query-kvm'), { enabled: false, present: true });
    });

    test('a runtime directory that is full at any step, or read-only, is named', { skip }, async () => {
      await using r = rig(binary);
      const directory = path.join(r.directory, 'room');
      mkdirSync(directory);
      const maker = fileURLToPath(new URL('fixtures/full-directory.js', import.meta.url));
      const { stdout, stderr } = spawnSync('unshare', ['-m', process.execPath, maker, binary, directory], {
        encoding: 'utf8',
        timeout: 60_000,
      });
      const outcomes = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { room: string; outcome: string; left: string[] });
      const expected: [string, RegExp][] = [
        ['nr_inodes=1', /^Cannot make a directory for QEMU in '.*room': No space left on device$/],
        ['nr_inodes=2', /^Cannot listen for QEMU: unix:.*: cannot listen: No space left on device$/],
        ['nr_inodes=3', /^Cannot make the file '.*' for QEMU's messages: No space left on device$/],
        ['nr_inodes=4', /^Cannot make a file for QEMU in '.*': No space left on device$/],
        ['nr_inodes=5', /^made$/],
        ['size=4k', /^Cannot make a file for QEMU in '.*': No space left on device$/],
        ['ro', /^Cannot make a directory for QEMU in '.*room': Read-only file system$/],
      ];
      assert.deepEqual(
        outcomes.map(({ room }) => room),
        expected.map(([room]) => room),
        stderr,
      );
      for (const [index, [room, message]] of expected.entries()) {
        assert.match(outcomes[index]?.outcome ?? '', message);
        assert.deepEqual(outcomes[index]?.left, [], room);
      }
    });
  });
}

/** The ELF header of a program for 64-bit big-endian IBM Z; no kernel of another machine runs it. */
const foreignProgram = Buffer.from(
  '7f454c46020201000000000000000000000200160000000100000000000000000000000000000000000000000000000000000000004000380000004000000000',
  'hex',
);

/** Dials in and tells its version as QEMU does, and no more. */
const oldQemu = `#!${process.execPath}
const option = process.argv.find((word) => word.startsWith('socket,id=qmpd'));
const socket = require('net').connect(/path=([^,]*)/.exec(option)[1]);
const version = '{"qemu": {"micro": 0, "minor": 1, "major": 6}, "package": ""}';
socket.write('{"QMP": {"version": ' + version + ', "capabilities": ["oob"]}}\\r\\n');
let first = true;
socket.on('data', (data) => {
  const ids = /"id":(\\d+)/g;
  for (const command of String(data).split('}{')) {
    const id = /"id": ?(\\d+)/.exec(command);
    const value = first ? '{}' : version;
    first = false;
    socket.write('{"return": ' + value + (id ? ', "id": ' + id[1] : '') + '}\\r\\n');
  }
});
socket.on('close', () => process.exit());
`;

test('a program that is not to be used as QEMU is named with the reason', async () => {
  await using files = rig('');
  const soon = { ...clock, after: (ms: number, callback: () => void) => clock.after(ms / 100, callback) };
  const cases: [string, string | Buffer, RegExp][] = [
    ['foreign', foreignProgram, /foreign' cannot be used: it is a program for another kind of processor$/],
    ['garbage', 'not a program\0\x01\x02', /garbage' cannot be used: it is not a program/],
    ['old', oldQemu, /old' is QEMU 6\.1\.0; 6\.2 or newer is needed$/],
    ['silent', '#!/bin/sh\nexec sleep 1000\n', /silent' opened no monitor within 30000 ms$/],
    ['talker', '#!/bin/sh\necho "no such option" >&2\nexit 3\n', /exit status 3: no such option$/],
  ];
  for (const [name, content, message] of cases) {
    await using r = rig(program(files.directory, name, content), name === 'silent' ? { clock: soon } : {});
    const outcome = await r.create(tcg).then(
      () => 'made',
      (error: unknown) => messageOf(error),
    );
    assert.match(outcome, message);
    assert.deepEqual(await r.leftovers(), [], name);
  }
});
