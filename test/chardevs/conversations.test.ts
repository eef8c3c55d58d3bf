// Conversations with a serial port on real QEMU and on ours: the peer must see the same.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ownSide, qemuSide, type Side } from '../kit/chardevs/sides.ts';
import { installedQemus } from '../kit/qemu/installed.ts';
import { conversations } from './conversations.ts';
import { realPeers } from './real-peers.ts';
import type { Conversation } from './serial-port.ts';
import { tlsConversations } from './tls-conversations.ts';

const all: readonly Conversation[] = [...conversations, ...tlsConversations, ...realPeers];

function missing({ needs }: Conversation): string | false {
  const found = needs === undefined || !spawnSync(needs, ['--version'], { stdio: 'ignore' }).error;
  return found ? false : `${needs} is not installed`;
}

/** One conversation with the serial port, which is on `null` before and after. */
async function talk(conversation: Conversation, side: Side): Promise<unknown[]> {
  side.directory = await mkdtemp(path.join(tmpdir(), 'qmpd-chardevs-'));
  try {
    return await conversation.talk(side);
  } finally {
    await side.run('chardev-change', { id: 'serial', backend: { type: 'null', data: {} } });
    await rm(side.directory, { recursive: true });
  }
}

for (const { path: binary, major, label } of installedQemus) {
  describe(`a peer sees the same as with ${label}`, () => {
    let directory = '';
    let qemu: Side;
    let ours: Side;
    before(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'qmpd-chardevs-'));
      qemu = await qemuSide(binary, directory);
      ours = await ownSide(directory);
    });
    after(async () => {
      await qemu.close();
      await ours.close();
      await rm(directory, { recursive: true });
    });
    for (const conversation of all.filter(({ since = 0 }) => since <= major)) {
      test(conversation.name, { timeout: 20_000, skip: missing(conversation) }, async () => {
        const theirs = await talk(conversation, qemu);
        assert.deepEqual(await talk(conversation, ours), theirs);
      });
    }
  });
}
