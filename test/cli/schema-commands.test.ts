// `qmpd qapi`, `qmpd schema` and `qmpd codegen` as programs: what they print, write and exit with.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { changeText, diffSchemas, parseSchemaInfo, schemaOfIntrospection } from '../../src/qapi/index.ts';
import { QemuUnderTest, qemuBinaries } from '../kit/qemu/qemu-under-test.ts';
import { isRecorded, otherBuild } from '../kit/qemu/recorded-builds.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'qmpd-schema-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function qmpd(...words: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [path.join(root, 'dist/src/cli/main.js'), ...words], { cwd: root });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = (await once(child, 'close')) as [number];
  return { status, stdout, stderr };
}

function fileWith(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const small = fileWith(
  'small.json',
  `{ 'enum': 'Kind', 'data': [ 'one', { 'name': 'two', 'if': 'CONFIG_TWO' } ] }
   { 'command': 'do-it', 'data': { 'kind': 'Kind' } }`,
);

test('a good schema is checked in silence', async () => {
  assert.deepEqual(await qmpd('qapi', 'qapi/main.json'), { status: 0, stdout: '', stderr: '' });
});

test('a comment that breaks a rule is a warning, and with --strict an error', async () => {
  const file = fileWith('older.json', "##\n# @look:\n#\n# Note: Look twice.\n##\n{ 'command': 'look' }\n");
  const reason = "section 'Note:' does not exist: write '.. note::' and indent the text under it";
  assert.deepEqual(await qmpd('qapi', file), {
    status: 0,
    stdout: '',
    stderr: `${file}:4: warning: ${reason}\n`,
  });
  assert.deepEqual(await qmpd('qapi', file, '--strict'), {
    status: 1,
    stdout: '',
    stderr: `${file}:4: ${reason}\n`,
  });
  // What is asked for has nothing to do with comments.
  const shown = await qmpd('schema', 'show', file);
  assert.deepEqual({ status: shown.status, stderr: shown.stderr }, { status: 0, stderr: '' });
});

test('a fault is told as compilers do, with status 1', async () => {
  const { status, stdout, stderr } = await qmpd('qapi', 'test/qapi/golden/include-nested-error.json');
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^In file included from .*:2:\nIn file included from .*:3:\n.*: In struct 'Inner':\n.*:2: /,
  );
});

test('a file that is not there, a folder and a binary file are faults too', async () => {
  assert.match(
    (await qmpd('qapi', 'no-such-file')).stderr,
    /^no-such-file:1: cannot read 'no-such-file': No such file or directory/,
  );
  assert.match((await qmpd('qapi', 'src')).stderr, /^src:1: cannot read 'src': Is a directory/);
  const binary = await qmpd('qapi', process.execPath);
  assert.equal(binary.status, 1);
  assert.doesNotMatch(binary.stderr, / {4}at /);
});

test('a schema is printed in normal form, and that is a schema again', async () => {
  const { stdout } = await qmpd('qapi', small, '--print', '--define', 'CONFIG_TWO');
  assert.equal(
    stdout,
    "{ 'enum': 'Kind', 'data': [ 'one', 'two' ] }\n\n{ 'command': 'do-it', 'data': { 'kind': 'Kind' } }\n",
  );
  assert.equal((await qmpd('qapi', fileWith('again.json', stdout))).status, 0);
});

test('the intermediate form is printed as JSON', async () => {
  const { stdout } = await qmpd('qapi', small, '--ir');
  const ir = JSON.parse(stdout) as { definitions: { name: string }[] };
  assert.deepEqual(
    ir.definitions.map((definition) => definition.name),
    ['Kind', 'q_obj_do-it-arg', 'do-it'],
  );
});

test('help on a command is printed', async () => {
  const { stdout } = await qmpd('qapi', small, '--help-on', 'do-it');
  assert.equal(stdout, 'command do-it\n\nArguments:\n  kind (Kind)\n');
  assert.equal((await qmpd('qapi', small, '--help-on', 'undo-it')).status, 1);
});

test('every back end writes its files to a folder', async () => {
  const out = path.join(folder, 'out');
  const kinds = ['typescript', 'introspection', 'markdown', 'openrpc', 'ir', 'normal-form'];
  const { status } = await qmpd('qapi', small, ...kinds.flatMap((kind) => ['--emit', kind]), '--out', out);
  assert.equal(status, 0);
  assert.deepEqual(readdirSync(out).toSorted(), [
    'README.md',
    'introspection.json',
    'ir.json',
    'openrpc.json',
    'schema.json',
    'small.md',
    'types.ts',
  ]);
});

test('a command line that makes no sense ends with status 2', async () => {
  for (const words of [
    ['qapi'],
    ['qapi', small, '--emit', 'typescript'],
    ['schema', 'diff', small],
    ['codegen'],
  ]) {
    assert.equal((await qmpd(...words)).status, 2, words.join(' '));
  }
});

test('two schemas are compared, whatever form each has', async () => {
  const later = fileWith('later.json', "{ 'command': 'do-it' } { 'event': 'DONE' }");
  const saved = fileWith('saved.json', (await qmpd('schema', 'show', later)).stdout);
  const expected = 'command do-it, argument kind: went (breaking)\nevent DONE: came\n';
  assert.deepEqual(await qmpd('schema', 'diff', small, later), { status: 0, stdout: expected, stderr: '' });
  assert.equal((await qmpd('schema', 'diff', small, saved)).stdout, expected);
  const breaking = await qmpd('schema', 'diff', small, saved, '--breaking', '--exit-code');
  assert.deepEqual(
    [breaking.status, breaking.stdout],
    [1, 'command do-it, argument kind: went (breaking)\n'],
  );
  assert.equal((await qmpd('schema', 'diff', later, saved, '--exit-code')).status, 0);
});

test('what is neither a file nor a socket is told with its name', async () => {
  for (const [name, text] of [
    ['/no/such/file', 'no such file'],
    [folder, 'neither a file nor a socket'],
    ['/dev/zero', 'neither a file nor a socket'],
  ] as const) {
    const { status, stderr } = await qmpd('schema', 'show', name);
    assert.deepEqual([status, stderr], [1, `qmpd: ${name}: ${text} (ERR_QMPD_SCHEMA)\n`]);
  }
});

test('a saved answer that is not a schema is refused with its file name', async () => {
  const bad = fileWith('bad.json', '{"return": [{"name": "a", "meta-type": "class"}]}');
  const { status, stderr } = await qmpd('codegen', '--from', bad, '--out', '-');
  assert.equal(status, 1);
  assert.match(stderr, /bad\.json: entry 'a' has unknown meta-type 'class'/);
  assert.match((await qmpd('schema', 'show', fileWith('worse.json', '['))).stderr, /worse\.json: /);
});

for (const binary of qemuBinaries) {
  const version = `${binary.major}.${binary.minor}`;
  const noModule = !isRecorded(version) && `nothing is committed for QEMU ${version}`;

  test(`the client module of the examples is what QEMU ${version} gives`, async (context) => {
    const socket = path.join(folder, `qemu-${version}.sock`);
    const options = ['-M', 'none', '-nodefaults', '-display', 'none'];
    const listening = ['-qmp', `unix:${socket},server=on,wait=off`];
    await using qemu = await QemuUnderTest.start(binary, [...options, ...listening]);
    const out = path.join(folder, `qemu-${version}.ts`);
    const { status, stderr } = await qmpd('codegen', '--from', socket, '--out', out);
    assert.deepEqual([status, stderr], [0, '']);
    const told = parseSchemaInfo(await qemu.execute('query-qmp-schema'));
    const shown = JSON.parse((await qmpd('schema', 'show', socket)).stdout) as unknown;
    const changes = diffSchemas(schemaOfIntrospection(told), schemaOfIntrospection(parseSchemaInfo(shown)));
    assert.deepEqual(changes.map(changeText), []);
    const { package: thisBuild } = await qemu.execute<{ package: string }>('query-version');
    const other = otherBuild(version, thisBuild);
    if (other !== false) {
      context.skip(other);
      return;
    }
    const committed = path.join(root, 'examples', 'generated', `qemu-${version}.ts`);
    if (process.env.QMPD_UPDATE === '1') writeFileSync(committed, readFileSync(out));
    assert.equal(readFileSync(out, 'utf8'), readFileSync(committed, 'utf8'));
  });

  test(`the example talks to QEMU ${version} with that module`, { skip: noModule }, async () => {
    const example = spawn(process.execPath, [path.join(root, 'dist/examples/typed-qemu.js'), binary.path]);
    let output = '';
    for (const stream of [example.stdout, example.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    await once(example, 'close');
    assert.match(
      output,
      new RegExp(`^QEMU ${version}\nstate: running\nblock node disk0: null-co, .*\nends: host-qmp-quit\n$`),
    );
  });
}
