// Every option of `machine-set` by the way that the reference promises (docs/options.md): set while there is no machine,
// on a whole server with each QEMU that is here; then the machine is made, or QEMU refuses it for the reason that the
// option has. What the options do is seen in option-table.test.ts, with the same values.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { optionTable } from '../../../../src/engines/qemu/options/index.ts';
import { RawClient } from '../../../kit/clients/raw-client.ts';
import { type QemuBinary, qemuBinaries } from '../../../kit/qemu/qemu-under-test.ts';
import { startTestServer } from '../../../kit/server/test-server.ts';
import { allEffects } from './all-effects.ts';
import type { OptionEffect } from './option-effect.ts';
import { notForPcs } from './target-effects.ts';

const root = mkdtempSync(path.join(tmpdir(), 'qmpd-created-'));
after(() => rmSync(root, { recursive: true, force: true }));
const isRoot = process.getuid?.() === 0;

type Command = readonly [command: string, args: Readonly<Record<string, unknown>>];

const tcg = { accel: [{ type: 'tcg' }] };

const qemuImg = ['/usr/bin/qemu-img', '/usr/local/bin/qemu-img'].find((file) => existsSync(file));

/** The tests of words give what an option refers to as words; here it is declared. */
function declarationsOf(words: readonly string[]): Command[] {
  const commands: Command[] = [];
  for (let index = 0; index + 1 < words.length; index += 2) {
    const [option, text = ''] = words.slice(index, index + 2);
    const json = text.startsWith('{') ? JSON.parse(text) : undefined;
    const [first = '', ...pairs] = text.split(',');
    const members = Object.fromEntries(pairs.map((pair) => pair.split('=')));
    // Newer releases take no text for a number.
    if (members.iobase !== undefined) members.iobase = Number(members.iobase);
    if (option === '-blockdev') commands.push(['blockdev-add', json]);
    else if (option === '-netdev') commands.push(['netdev_add', json]);
    else if (option === '-device')
      commands.push(['device_add', { driver: first, id: `device${index}`, ...members }]);
    else if (option === '-object') {
      const { size = '', share, ...others } = members;
      const typed = { size: Number.parseInt(size, 10) * 1_048_576, share: share === 'on' };
      commands.push(['object-add', { 'qom-type': first, ...others, ...typed }]);
    } else if (option === '-chardev') commands.push(...chardevsOf(first, members));
    // `-nic none` keeps away a card that is not there in a machine of qmpd, and -machine is an option.
    else assert.match(option ?? '', /^-(nic|machine)$/);
  }
  return commands;
}

/** `-machine name=value` among the words. */
function machineIn(words: readonly string[]): Readonly<Record<string, unknown>> {
  const [name, value] = (words[words.indexOf('-machine') + 1] ?? '').split('=');
  return words.includes('-machine') && name !== undefined
    ? { machine: { properties: { [name]: value } } }
    : {};
}

/** A chardev with `mux=on` is two in QMP. */
function chardevsOf(type: string, { id, path: socket, mux }: Record<string, string>): Command[] {
  if (type === 'ringbuf') return [['chardev-add', { id, backend: { type, data: {} } }]];
  assert.equal(type, 'socket');
  const addr = { type: 'unix', data: { path: socket } };
  const base = mux === 'on' ? `${id}-base` : id;
  const below: Command = ['chardev-add', { id: base, backend: { type, data: { addr, wait: false } } }];
  if (mux !== 'on') return [below];
  return [below, ['chardev-add', { id, backend: { type: 'mux', data: { chardev: base } } }]];
}

const removals: ReadonlyMap<string, (args: Command[1]) => Command> = new Map<
  string,
  (args: Command[1]) => Command
>([
  ['chardev-add', ({ id }) => ['chardev-remove', { id }]],
  ['object-add', ({ id }) => ['object-del', { id }]],
  ['device_add', ({ id }) => ['device_del', { id }]],
  ['netdev_add', ({ id }) => ['netdev_del', { id }]],
  ['blockdev-add', (args) => ['blockdev-del', { 'node-name': args['node-name'] }]],
]);

/** Makes a machine with the options and what they refer to, and leaves none. */
async function made(
  client: RawClient,
  options: Readonly<Record<string, unknown>>,
  declared: readonly Command[],
  see: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const names = [...new Set([...Object.keys(tcg), ...Object.keys(options)])];
  try {
    for (const [command, args] of declared) await client.ask(command, args);
    await client.ask('machine-set', { ...tcg, ...options });
    await client.ask('x-exit-preconfig');
    assert.equal((await client.ask('query-machine')).phase, 'created');
    await see();
  } finally {
    await client.execute('machine-destroy');
    await client.ask('machine-unset', { options: names });
    for (const [command, args] of declared.toReversed()) {
      const removal = removals.get(command)?.(args);
      if (removal !== undefined) await client.execute(...removal);
    }
  }
}

/** Images that nobody else has locked. */
function directoryFor(binary: QemuBinary): string {
  const directory = mkdtempSync(path.join(root, `${binary.major}-`));
  for (const name of ['disk.img', 'a,b.img', 'cd.iso', 'floppy.img']) {
    writeFileSync(path.join(directory, name), Buffer.alloc(1_474_560));
  }
  return directory;
}

function reasonToSkip(group: readonly OptionEffect[]): string | false {
  return group.some(({ asRoot }) => asRoot === true) && !isRoot && 'only root can have it';
}

function nameOf({ options }: OptionEffect): string {
  return Object.keys(options)[0] ?? '';
}

/** A machine takes long to make, so that options which only stand for themselves are tried several at once. */
const groupMax = 8;

function grouped(effects: readonly OptionEffect[]): OptionEffect[][] {
  const groups: OptionEffect[][] = [];
  for (const effect of effects) {
    const { options } = effect;
    const room = groups.find(
      (group) =>
        isAlone(effect) &&
        group.length < groupMax &&
        group.every(
          (other) => isAlone(other) && Object.keys(options).every((name) => !(name in other.options)),
        ),
    );
    if (room === undefined) groups.push([effect]);
    else room.push(effect);
  }
  return groups;
}

function isAlone({ before, refused, asRoot }: OptionEffect): boolean {
  return before === undefined && refused === undefined && asRoot !== true;
}

async function canBeMade(client: RawClient, options: Readonly<Record<string, unknown>>): Promise<boolean> {
  return await made(client, options, []).then(
    () => true,
    () => false,
  );
}

async function madeAlone(client: RawClient, effect: OptionEffect): Promise<void> {
  const { options, before = [], refused } = effect;
  const attempt = made(client, { ...machineIn(before), ...options }, declarationsOf(before));
  // What QEMU says while it carries out a command has neither time nor name in front.
  const words = nameOf(effect) === 'messages' ? /not migratable/ : refused;
  await (words === undefined ? attempt : assert.rejects(attempt, words));
}

/** Shown by other tests, or of machines that are no PCs. */
const notHere = ['engine', 'old-param', 'autostart'];

/** Besides those, what only a whole server can show. */
async function seeIncoming(client: RawClient, place: string): Promise<void> {
  await made(client, { incoming: place }, [], async () => {
    assert.equal((await client.ask('query-status')).status, 'inmigrate');
  });
}

describe('machines with each option', { concurrency: 1 }, () => {
  for (const binary of qemuBinaries) {
    describe(`QEMU ${binary.major}.${binary.minor}`, { concurrency: 1 }, () => {
      const tried = new Set<string>();
      const directory = directoryFor(binary);
      const server = startTestServer({ qemuBinary: binary.path });
      after(async () => (await server)[Symbol.asyncDispose]());
      const connected = server.then(({ path: socket }) => RawClient.negotiated(socket));

      const effects = allEffects(directory).filter(
        ({ since = 0, until = 99 }) => binary.major >= since && binary.major <= until,
      );
      for (const group of grouped(effects)) {
        const names = group.map((effect) => nameOf(effect));
        test(names.join(', '), { skip: reasonToSkip(group) }, async () => {
          const client = await connected;
          client.checked = false;
          const together = Object.assign({}, ...group.map(({ options }) => options));
          const alone = group.length === 1 || !(await canBeMade(client, together));
          // Some options exclude each other: then each has to do by itself.
          for (const effect of alone ? group : []) await madeAlone(client, effect);
          for (const name of names) tried.add(name);
        });
      }

      for (const [options] of notForPcs) {
        const [name = ''] = Object.keys(options);
        test(`${name}, which this QEMU does not have`, async () => {
          await assert.rejects(made(await connected, options, []), /not supported for this target/);
          tried.add(name);
        });
      }

      test('a guest may come in from a port, a socket, a program or a descriptor', async () => {
        const client = await connected;
        await seeIncoming(client, 'tcp:127.0.0.1:0');
        const socket = path.join(directory, 'incoming');
        await made(client, { incoming: `unix:${socket}` }, [], async () => assert.ok(existsSync(socket)));
        await seeIncoming(client, 'exec:sleep 60');
        await assert.rejects(
          made(client, { incoming: 'unix:/nonexistent/place' }, []),
          /'unix:\/nonexistent\/place'.* cannot be made: .*No such file/,
        );
      });

      test('a snapshot that is there is loaded', {
        skip: qemuImg === undefined && 'no qemu-img',
      }, async () => {
        const client = await connected;
        const image = path.join(directory, 'with-snapshot.qcow2');
        spawnSync(qemuImg ?? '', ['create', '-q', '-f', 'qcow2', image, '1M']);
        const drive = { hda: { file: image, format: 'qcow2' } };
        const hmp = (line: string): Promise<string> =>
          client.ask('human-monitor-command', { 'command-line': line });
        // Where firmware writes how much memory there is; before it has run that is 0.
        const firmwareRan = async (): Promise<boolean> => !/: 0x0000\b/.test(await hmp('xp /1hx 0x413'));
        await made(client, drive, [], async () => {
          assert.equal(await firmwareRan(), false);
          await client.ask('cont');
          while (!(await firmwareRan())) await delay(10);
          await client.ask('stop');
          assert.equal(await hmp('savevm one'), '');
        });
        await made(client, { ...drive, loadvm: 'one' }, [], async () => {
          assert.equal((await client.ask('query-status')).running, false);
          assert.equal(await firmwareRan(), true);
        });
        await assert.rejects(made(client, { ...drive, loadvm: 'two' }, []), /snapshot.*two|two.*snapshot/i);
      });

      test('the firmware is found although the process has another root', {
        skip: !isRoot && 'not root',
      }, async () => {
        const client = await connected;
        const jail = path.join(directory, 'jail');
        mkdirSync(jail);
        await made(client, { process: { chroot: jail } }, [], async () => {
          const { pid } = await client.ask('query-machine');
          assert.equal(readlinkSync(`/proc/${pid}/root`), jail);
        });
      });

      test('the screen is there beside a text console', async () => {
        const text: Command = ['chardev-add', { id: 'text', backend: { type: 'vc', data: {} } }];
        await made(await connected, { vga: 'std', serial: ['text'] }, [text]);
        await made(await connected, { defaults: true }, []);
      });

      test('no option is left out', () => {
        const left = optionTable.map(({ name }) => name).filter((name) => !tried.has(name));
        const ofOthers = [...notHere, binary.major < 10 ? 'shim' : 'rotate'];
        assert.deepEqual(left.toSorted(), ofOthers.toSorted());
      });
    });
  }
});
