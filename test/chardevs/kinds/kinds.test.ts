// Each kind of chardev is what its descriptor says: its words and its members stand for each other, the manual lists it,
// and the example that it gives is taken over QMP, by --chardev and by `translate`, and made here or by QEMU.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ChardevRegistry, chardevTypes } from '../../../src/chardevs/index.ts';
import type { AnyChardevKind } from '../../../src/chardevs/kind.ts';
import { allChardevKinds } from '../../../src/chardevs/kinds/index.ts';
import { chardevOption } from '../../../src/cli/serve/chardev-option.ts';
import { connect, type QmpClient } from '../../../src/client/index.ts';
import { declaringCommands } from '../../../src/commands/traits.ts';
import { DeclaredChardevs } from '../../../src/engines/qemu/creation/declared-chardevs.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../../src/json/value.ts';
import { schemaIndex } from '../../../src/schema/index.ts';
import { qemuBinaries } from '../../kit/chardevs/sides.ts';
import { Dialogue, executablePath, runQmpd } from '../../kit/server/executable.ts';
import { kindsTable } from './kinds-table.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-kinds-'));
process.chdir(directory);
spawnSync('mkfifo', ['fifo']);
after(() => rmSync(directory, { recursive: true }));

const page = fileURLToPath(new URL('../../../../docs/chardevs.md', import.meta.url));

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function words(kind: AnyChardevKind, id: string): string {
  return [kind.type, `id=${id}`, ...(kind.example === '' ? [] : [kind.example])].join(',');
}

/** Arguments of chardev-add for the kind's example. */
function exampleOf(kind: AnyChardevKind, id: string): JsonObject {
  const [args] = chardevOption(words(kind, id));
  assert(args !== undefined);
  return args;
}

const unixAddress = jsonObject({ type: 'unix', data: jsonObject({ path: '/a,b', abstract: true }) });
const inetAddress = jsonObject({
  type: 'inet',
  data: jsonObject({ host: 'h', port: '1', ipv4: true, ipv6: false }),
});
const localAddress = jsonObject({ type: 'inet', data: jsonObject({ host: 'l', port: '2' }) });
/** Values for members whose type does not say which; -chardev has QEMU never wait. */
const values: Readonly<Record<string, JsonValue>> = {
  addr: unixAddress,
  remote: inetAddress,
  local: localAddress,
  wait: false,
};

/** Every member that the schema gives the kind. */
function fullData(type: string): JsonObject {
  const backend = schemaIndex.object('ChardevBackend');
  const branch = backend.branches?.find(({ name }) => name === type);
  assert(branch?.type !== undefined, type);
  const wrapped = schemaIndex.membersOf(schemaIndex.object(branch.type)).find(({ name }) => name === 'data');
  assert(typeof wrapped?.type === 'string');
  const data = jsonObject();
  for (const { name, type: member } of schemaIndex.membersOf(schemaIndex.object(wrapped.type))) {
    const example = values[name] ?? exampleValue(String(member));
    assert(example !== undefined, `${type}.${name} of type ${String(member)} has a value`);
    data[name] = example;
  }
  return data;
}

function exampleValue(type: string): JsonValue | undefined {
  if (type === 'str') return 'a,b';
  if (type === 'bool') return true;
  if (type === 'ConsoleWriters') return 'one';
  if (/^(u?int\d*|size)$/.test(type)) return 4096;
  return type === '[str]' ? ['a', 'b'] : undefined;
}

describe('the kinds of chardev', () => {
  const declared = new DeclaredChardevs(chardevTypes, declaringCommands.chardev);

  for (const kind of allChardevKinds.filter(({ livesIn }) => livesIn !== 'qmpd')) {
    test(`${kind.type}: what QEMU is started with says all members`, () => {
      const data = fullData(kind.type);
      // QEMU has no such member.
      delete data['websocket-hosts'];
      const args = jsonObject({ id: 'c0', backend: jsonObject({ type: kind.type, data }) });
      assert.deepEqual(plain(chardevOption(declared.argument(args))), plain([args]));
    });
  }

  for (const kind of allChardevKinds) {
    test(`${kind.type}: each word is a member's, and its example says what it is`, () => {
      const { backend } = exampleOf(kind, 'c0');
      assert(isJsonObject(backend) && isJsonObject(backend.data));
      assert.equal(backend.type, kind.type);
      if (kind.example !== '') assert.notDeepEqual(Object.keys(backend.data), []);
      const names = Object.values(kind.words).flatMap((member) => Object.keys(member.words));
      assert.deepEqual(names, [...new Set(names)], 'no word stands for two members');
      const members = Object.keys(fullData(kind.type)).filter(
        (name) => !name.startsWith('log') || name.includes('-'),
      );
      assert.deepEqual(Object.keys(kind.words).sort(), members.sort());
    });
  }

  test('are the table of docs/chardevs.md', () => {
    const text = readFileSync(page, 'utf8');
    const [start, end] = [text.indexOf('| type |'), text.indexOf('\n\nAll have `logfile`')];
    assert(start > 0 && end > start);
    if (process.env.QMPD_UPDATE === '1')
      writeFileSync(page, text.slice(0, start) + kindsTable() + text.slice(end));
    else assert.equal(text.slice(start, end), kindsTable());
  });

  test('that this process can make are opened by chardev-add', async () => {
    const messages: string[] = [];
    const registry = new ChardevRegistry({
      objects: { object: () => undefined },
      log: (message) => messages.push(message),
    });
    const empty = jsonObject({ type: 'null', data: jsonObject() });
    for (const id of ['a', 'b', 'c']) await registry.add(id, empty, 'created');
    const opened: string[] = [];
    for (const kind of allChardevKinds) {
      // The test's own output is not for a chardev; terminals.test.ts opens it in a process of its own.
      if (kind.type === 'stdio') continue;
      const { backend } = exampleOf(kind, kind.type);
      assert(isJsonObject(backend));
      const added = registry.add(kind.type, backend, 'created');
      if (kind.livesIn === 'engine') {
        await assert.rejects(added, /exists only inside QEMU/);
      } else if (kind.type === 'serial' || kind.type === 'parallel') {
        // The host may lack the device: then it is the device that is missing.
        await added.catch((thrown: Error) => assert.match(thrown.message, /\/dev\/|not a parallel port/));
      } else {
        await added;
        opened.push(kind.type);
      }
    }
    assert.equal(opened.length, allChardevKinds.filter(({ livesIn }) => livesIn !== 'engine').length - 3);
    await registry.closeAll();
  });
});

/** What the QEMUs of this host may lack: the device, the module, or the server that the kind belongs to. */
const perhapsMissing: readonly string[] = ['serial', 'parallel', 'braille', 'dbus', 'spiceport', 'spicevmc'];

for (const binary of qemuBinaries) {
  test(`${binary} makes each kind, however it was declared`, async () => {
    // The hub is of QEMU 10.
    const version = spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout;
    const lacks = /version [789]\./.test(version) ? ['hub'] : [];
    const kinds = allChardevKinds.filter(
      ({ type }) => !perhapsMissing.includes(type) && !lacks.includes(type),
    );
    const bases = ['a', 'b', 'c'].flatMap((id) => ['--chardev', `null,id=${id}`]);
    const given = kinds.flatMap((kind) => ['--chardev', words(kind, kind.type)]);
    const qmp = ['--qmp', 'unix:qmp.sock', '--state', 'none', '--qemu', binary];
    const argv = [executablePath, ...qmp, ...bases, ...given];
    // Its standard output is taken by one of the kinds, so what it says goes to the other one.
    await using qmpd = new Dialogue('sh', ['-c', 'exec "$0" "$@" 2>&1', process.execPath, ...argv]);
    await qmpd.until('listening on unix:qmp.sock\n');
    await using client = await connect('unix:qmp.sock');
    await client.execute('machine-set', { engine: 'qemu', machine: { type: 'none' } });
    const asGiven = await declaredArguments(client, kinds);

    for (const kind of kinds) {
      await client.executeAny('chardev-remove', { id: kind.type });
      await client.executeAny('chardev-add', exampleOf(kind, kind.type));
    }
    assert.deepEqual(await declaredArguments(client, kinds), asGiven);
    for (const { type } of kinds) await client.executeAny('chardev-remove', { id: type });
    await declareTranslated(client, binary, kinds);
    assert.deepEqual(await declaredArguments(client, kinds), asGiven);

    await client.executeAny('x-exit-preconfig');
    const list = await client.execute('query-chardev');
    const labels = list.map(({ label }) => label);
    const missing = kinds.map(({ type }) => type).filter((type) => !labels.includes(type));
    assert.deepEqual(missing, []);
  });
}

async function declaredArguments(client: QmpClient, kinds: readonly AnyChardevKind[]): Promise<unknown> {
  const commands = await client.execute('query-machine-config');
  const chardevs = commands.filter(({ execute }) => execute === 'chardev-add').map((one) => one.arguments);
  const byId = new Map(plain(chardevs.map((args) => [(args as JsonObject).id, args])) as [string, unknown][]);
  return kinds.map(({ type }) => byId.get(type));
}

/** What `qmpd translate` makes of the same words. */
async function declareTranslated(
  client: QmpClient,
  binary: string,
  kinds: readonly AnyChardevKind[],
): Promise<void> {
  const commandLine = kinds.flatMap((kind) => ['-chardev', words(kind, kind.type)]);
  const { status, output, errors } = await runQmpd(['translate', '--json', '--', binary, ...commandLine]);
  assert.equal(status, 0, errors);
  const commands = output.split('\n').filter((line) => line.startsWith('{'));
  for (const { execute, arguments: args } of commands.map((line) => JSON.parse(line))) {
    if (execute === 'chardev-add') await client.executeAny(execute, args);
  }
}
