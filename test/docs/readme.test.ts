// README.md's blocks are there to be pasted: here a shell of its own gets each whole, as a new terminal would. What a
// comment in a block says that a line prints, it prints. Not pasted: the lines that install and test the project.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = await readFile(path.join(root, 'README.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
  language,
  text,
}));
const scripts: Record<string, string> = JSON.parse(
  await readFile(path.join(root, 'package.json'), 'utf8'),
).scripts;

test('each block is lines for a shell, without prompts and answers between them', () => {
  assert.ok(blocks.length >= 2);
  for (const { language, text } of blocks) {
    assert.equal(language, 'sh');
    assert.doesNotMatch(text, /^[$#>] /m);
  }
});

for (const { text } of blocks) {
  const [first = ''] = text.split('\n');
  if (text.includes('npm ')) {
    test(`the scripts of "${first}" are there`, () => {
      for (const [, name = ''] of text.matchAll(/npm (?:run )?(?!ci\b|run\b)(\w+)/g))
        assert.ok(scripts[name], name);
    });
  } else {
    test(`the block "${first}" does what it says`, { timeout: 180_000 }, async () => await paste(text));
  }
}

async function paste(text: string): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-readme-'));
  const environment = { ...process.env, XDG_RUNTIME_DIR: directory, XDG_STATE_HOME: directory };
  const shell = spawn('bash', { cwd: root, env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    let output = '';
    for (const stream of [shell.stdout, shell.stderr])
      stream.setEncoding('utf8').on('data', (data) => (output += data));
    // Others may want the processors: then the server takes longer to start than a person's shell waits.
    shell.stdin.end(text.replaceAll('qmpd shell', 'qmpd shell --wait 120'));
    // Also the server that it left in the background has ended: it has the output, too.
    const [status] = await once(shell, 'close');
    assert.equal(status, 0, output);
    const printed = output.replaceAll(directory, '/run/user/1000').split('\n');
    for (const [, expected = ''] of text.matchAll(/ # (.*)$/gm))
      assert.ok(printed.includes(expected), output);
    assert.doesNotMatch(output, /error/i);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
