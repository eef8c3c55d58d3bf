// One faulty schema per rule of the language, named after the rule, with what the compiler says about it.
// `node scripts/test.mjs golden --update` rewrites the answers; look at the difference before committing it.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compileSchema } from '../../../src/qapi/language/compile.ts';
import { SchemaError } from '../../../src/qapi/language/source.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
const folder = path.join(root, 'test', 'qapi', 'golden');
const update = process.env.QMPD_UPDATE === '1';

function read(name: string): Uint8Array | Error {
  try {
    return readFileSync(path.join(folder, name));
  } catch (error) {
    // The system's own text names the path on this machine.
    return new Error((error as NodeJS.ErrnoException).code === 'EISDIR' ? 'is a folder' : 'no such file');
  }
}

function messageOfCompiling(name: string): string {
  try {
    compileSchema(name, read);
  } catch (error) {
    if (error instanceof SchemaError) return `${error.message}\n`;
    throw error;
  }
  return 'no error\n';
}

for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const rule = name.replace(/\.json$/, '');
  test(`a schema that breaks the rule ${rule} is refused`, () => {
    const message = messageOfCompiling(name);
    const golden = path.join(folder, `${rule}.err`);
    if (update) writeFileSync(golden, message);
    assert.notEqual(message, 'no error\n');
    assert.equal(message, existsSync(golden) ? readFileSync(golden, 'utf8') : '');
  });
}
