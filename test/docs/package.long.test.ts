// The package as it is published: packed from a copy of this tree, and installed, without the network and without scripts,
// on its own. It runs, every link in its pages leads to a page of its own, and it has nothing that nobody uses.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { machineKind } from '../../src/host/native-addon.ts';
import { Dialogue } from '../kit/server/executable.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const scratch = mkdtempSync(path.join(tmpdir(), 'qmpd-package-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const installed = path.join(scratch, 'user', 'node_modules', 'qmpd');

function npm(folder: string, ...args: string[]): string {
  const env = { ...process.env, NODE_ENV: 'production', npm_config_cache: path.join(scratch, 'cache') };
  return execFileSync('npm', ['--offline', '--no-audit', '--no-fund', ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Packing changes files for a moment, which tests beside this one are reading: so a copy is packed. */
function pack(): string {
  const copy = path.join(scratch, 'tree');
  mkdirSync(copy);
  const { files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { files: string[] };
  const needed = ['README.md', 'package.json', 'scripts', 'dist/src', 'dist/native', ...files];
  for (const name of needed.filter((one) => !one.includes('*') && existsSync(path.join(root, one)))) {
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  const script = (name: string, ...args: string[]): void => {
    execFileSync(process.execPath, [path.join(copy, 'scripts', 'pack', name), ...args], { stdio: 'ignore' });
  };
  // As the scripts prepack and postpack do, except the build, which is done already.
  script('prebuild.mjs');
  script('prepack.mjs');
  npm(copy, 'pack', '--ignore-scripts', '--pack-destination', scratch);
  script('prepack.mjs', '--undo');
  npm(scratch, 'pack', '--ignore-scripts', path.join(root, 'node_modules', 'v86'));
  return copy;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
}

async function runsTheTinyGuest(environment: NodeJS.ProcessEnv): Promise<string> {
  const directory = mkdtempSync(path.join(scratch, 'run-'));
  const env = { ...environment, XDG_RUNTIME_DIR: directory, NODE_ENV: 'production' };
  const program = path.join(installed, 'dist', 'src', 'cli', 'main.js');
  await using server = new Dialogue(
    'sh',
    ['-c', '"$0" "$1" --state none 2>&1; echo it ended', process.execPath, program],
    env,
  );
  await server.until('listening on');
  const lines = [
    'chardev-add id=s0 backend.type=ringbuf backend.data.size=4096',
    'machine-set engine=embedded serial.0=s0',
    'x-exit-preconfig',
    'cont',
  ];
  const words = lines.flatMap((line) => ['-e', line]);
  const shell = (args: string[]): string =>
    execFileSync(process.execPath, [program, 'shell', '--wait', '60', ...args], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
  shell(words);
  while (!shell(['-e', 'ringbuf-read device=s0 size=100']).includes('TINY GUEST READY'));
  shell(['-e', 'quit']);
  return await server.until('it ended');
}

describe('the package', { timeout: 280_000 }, () => {
  let copy = '';
  before(() => {
    copy = pack();
    const user = path.join(scratch, 'user');
    mkdirSync(user);
    writeFileSync(path.join(user, 'package.json'), '{"private": true}');
    const archives = readdirSync(scratch).filter((name) => name.endsWith('.tgz'));
    assert.equal(archives.length, 2);
    npm(user, 'install', '--ignore-scripts', ...archives.map((name) => path.join('..', name)));
  });

  test('has no file twice, no source map, and nothing of the tests', () => {
    const files = filesOf(installed);
    assert.deepEqual(
      files.filter((name) => /\.(map|tsbuildinfo)$|\.test\.|^(test|scripts|src)\//.test(name)),
      [],
    );
    const naming = files.filter(
      (name) =>
        name.endsWith('.js') &&
        readFileSync(path.join(installed, name), 'utf8').includes('\n//# sourceMappingURL='),
    );
    assert.deepEqual(naming, []);
  });

  test('has each module that one of its modules names, and no other', () => {
    const modules = filesOf(path.join(installed, 'dist/src')).filter((name) => name.endsWith('.js'));
    const all = filesOf(path.join(copy, 'dist/src')).filter((name) => name.endsWith('.js'));
    const wanted = new Set(['cli/main.js', 'client/index.js', 'qapi/index.js']);
    for (const name of wanted) {
      const text = readFileSync(path.join(copy, 'dist/src', name), 'utf8');
      for (const [, other = ''] of text.matchAll(/'(\.\.?\/[\w./-]+\.js)'/g)) {
        const target = path.join(path.dirname(name), other);
        if (all.includes(target)) wanted.add(target);
      }
    }
    assert.deepEqual(modules.sort(), [...wanted].sort());
  });

  test('its links lead to its own pages', () => {
    for (const page of filesOf(installed).filter((name) => name.endsWith('.md'))) {
      const text = readFileSync(path.join(installed, page), 'utf8').replaceAll(/^```.*?^```/gms, '');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        assert.ok(
          existsSync(path.join(installed, path.dirname(page), target)),
          `${page}: ${target} is not there`,
        );
      }
    }
  });

  test('runs a machine, with the native part for this kind of machine where it was built', async () => {
    const kinds = existsSync(path.join(installed, 'dist/native'))
      ? readdirSync(path.join(installed, 'dist/native'))
      : [];
    const said = await runsTheTinyGuest({});
    // A machine without compilers for the packages' kinds packs none.
    if (kinds.includes(machineKind)) assert.doesNotMatch(said, /off/);
    else assert.match(said, /descriptor passing is off: the native part unix-fd is not there for linux-/);
  });

  test('runs a machine without native parts, and says which are missing and what builds them', async () => {
    rmSync(path.join(installed, 'dist/native'), { recursive: true, force: true });
    const said = await runsTheTinyGuest({});
    assert.match(
      said,
      /descriptor passing is off: the native part unix-fd is not there for linux-\S+ \('node \S+build\.mjs' builds it\)/,
    );
  });
});
