// Only the engines know which engine runs a machine: outside of their folders, no line names one.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { standardEngines } from '../../src/server/engines.ts';

const source = fileURLToPath(new URL('../../../src/', import.meta.url));

/** Where an engine's name may stand, and what it is for there. */
const places = new Map([
  ['cli/translate/index.ts', 'a command line of QEMU is for QEMU'],
  [
    'transports/layers/tls-credentials.ts',
    "no engine: the name that QEMU's clients have with a pre-shared key",
  ],
]);
const folders = /^(engines|schema)\//;

test('no line outside of src/engines names an engine', () => {
  const names = standardEngines.map(({ kind }) => kind);
  assert.ok(names.length > 1);
  const naming = new RegExp(`'(${names.join('|')})'`);
  const found = readdirSync(source, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts') && !folders.test(file))
    .filter((file) => linesOf(file).some((line) => naming.test(line)));
  assert.deepEqual(found.sort(), [...places.keys()].sort());
});

/** Without comments, imports, and the member `qemu` of a version's type. */
function linesOf(file: string): string[] {
  return readFileSync(path.join(source, file), 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\/?\*|import )/.test(line) && !/^\} from /.test(line))
    .map((line) => line.replaceAll("['qemu']", ''));
}
