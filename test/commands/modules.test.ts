// Each command's handler is in the file that has the name of the command's module in qapi/, so that knowing one is
// knowing the other.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** What a file of the folder defines: in qapi/ by `'command': 'x'`, in the handlers by `name: 'x'` of a command. */
function namesByModule(folder: string, ending: string, pattern: RegExp): ReadonlyMap<string, string[]> {
  const files = readdirSync(path.join(root, folder)).filter((file) => file.endsWith(ending));
  const byModule = files.map((file): [string, string[]] => {
    const text = readFileSync(path.join(root, folder, file), 'utf8');
    const names = [...text.matchAll(pattern)].map(([, name = '']) => name);
    return [file.slice(0, -ending.length), names.sort()];
  });
  return new Map(byModule.filter(([, names]) => names.length > 0));
}

describe('handlers', () => {
  const modules = namesByModule('qapi', '.json', /^\{ 'command': '([^']+)'/gm);
  const handlers = namesByModule('src/commands/handlers', '.ts', /^ {2}command\(\{\s+name: '([^']+)'/gm);

  it('have a file for each module with commands, and no other', () => {
    assert.deepEqual([...handlers.keys()].sort(), [...modules.keys()].sort());
  });

  for (const [module, names] of modules) {
    it(`of qapi/${module}.json are in ${module}.ts`, () => {
      // Belongs to the session itself (src/qmp/session/session.ts).
      const answered = names.filter((name) => name !== 'qmp_capabilities');
      assert.deepEqual(handlers.get(module), answered);
    });
  }
});
