// Uses the clients that `qmpd codegen` made for exactly QEMU 7.2 and QEMU 10.0: each knows the commands, events and
// members that its QEMU has, and no others. Starts a QEMU without a guest, does a few things, and ends it.
//
//     node dist/examples/typed-qemu.js [QEMU-BINARY]
//
// How the modules were made: `qmpd codegen --from SOCKET --out qemu-7.2.ts`, with such a QEMU behind SOCKET.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'qmpd/client';
import { Client as Client7 } from './generated/qemu-7.2.ts';
import { Client as Client10 } from './generated/qemu-10.0.ts';

async function withQemu7(qemu: Client7): Promise<void> {
  const { status, singlestep } = await qemu.execute('query-status');
  console.log(`state: ${status}${singlestep ? ', one instruction at a time' : ''}`);

  // A union: with another driver other members are asked for. Integers beyond 2^53 are bigint.
  await qemu.execute('blockdev-add', { driver: 'null-co', 'node-name': 'disk0', size: 2n ** 40n });
  for (const node of await qemu.execute('query-named-block-nodes', { flat: true })) {
    console.log(`block node ${node['node-name'] ?? '?'}: ${node.drv}, ${node.image['virtual-size']} bytes`);
  }

  const events = qemu.events({ names: ['SHUTDOWN'] });
  await qemu.execute('quit');
  for await (const { data } of events) {
    console.log(`ends: ${data.reason}`);
    return;
  }
}

async function withQemu10(qemu: Client10): Promise<void> {
  // `singlestep` is gone: asking for it here would not compile.
  const { status } = await qemu.execute('query-status');
  console.log(`state: ${status}`);

  await qemu.execute('blockdev-add', { driver: 'null-co', 'node-name': 'disk0', active: false });
  // This command is new: with a Client7 the line would not compile.
  await qemu.execute('blockdev-set-active', { 'node-name': 'disk0', active: true });
  for (const node of await qemu.execute('query-named-block-nodes', { flat: true })) {
    console.log(`block node ${node['node-name']}: ${node.drv}, ${node.active ? 'active' : 'inactive'}`);
  }

  const events = qemu.events({ names: ['SHUTDOWN'] });
  await qemu.execute('quit');
  for await (const { data } of events) {
    console.log(`ends: ${data.reason}`);
    return;
  }
}

const binary = process.argv[2] ?? 'qemu-system-x86_64';
const folder = mkdtempSync(path.join(tmpdir(), 'typed-qemu-'));
try {
  const socket = path.join(folder, 'qmp.sock');
  // A daemon's parent ends when the daemon is ready.
  execFileSync(binary, [
    ...['-M', 'none', '-nodefaults', '-display', 'none', '-daemonize'],
    ...['-qmp', `unix:${socket},server=on,wait=off`],
  ]);
  await using untyped = await connect(socket);
  const { major, minor } = untyped.greeting.version;
  console.log(`QEMU ${major}.${minor}`);
  if (major >= 10) await withQemu10(new Client10(untyped));
  else await withQemu7(new Client7(untyped));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
