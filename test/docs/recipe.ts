// Follows a recipe of CONTRIBUTING.md in a scratch copy of the tree: what is changed, run and tested there is only what the
// recipe's section names, so that a section that leaves out a step, or names what is gone, fails.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** What there is to change, and what is compiled already: only what changes is compiled again. */
const copied = ['bench', 'dist', 'docs', 'examples', 'native', 'qapi', 'scripts', 'src', 'test'];
const copiedFiles = ['CONTRIBUTING.md', 'package.json', 'tsconfig.base.json', 'tsconfig.json'];

export class Recipe implements Disposable {
  readonly #directory: string = mkdtempSync(path.join(tmpdir(), 'qmpd-recipe-'));
  readonly #section: string;

  constructor(title: string) {
    const page = readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8');
    const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
    assert(section !== undefined, `CONTRIBUTING.md has a section "${title}"`);
    this.#section = section;
    for (const name of [...copied, ...copiedFiles])
      cpSync(path.join(root, name), this.#path(name), { recursive: true, preserveTimestamps: true });
    symlinkSync(path.join(root, 'node_modules'), this.#path('node_modules'));
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  read(file: string): string {
    return readFileSync(this.#path(file), 'utf8');
  }

  /** A new file, in a folder that the recipe names. */
  add(file: string, text: string): void {
    this.#assertNamed(path.dirname(file));
    mkdirSync(path.dirname(this.#path(file)), { recursive: true });
    writeFileSync(this.#path(file), text);
  }

  /** A change of a file that the recipe names, or whose folder it names. */
  change(file: string, before: string, after: string): void {
    if (!this.#names(file)) this.#assertNamed(path.dirname(file));
    const text = this.read(file);
    assert.equal(text.split(before).length, 2, `${file} has once: ${before}`);
    writeFileSync(
      this.#path(file),
      text.replace(before, () => after),
    );
  }

  /** A command of the recipe. */
  run(command: string): void {
    assert.ok(this.#section.includes(`\`${command}\``), `the recipe has the command ${command}`);
    this.#execute(command);
  }

  /** All tests that the recipe says to run; each must find some. */
  test(): void {
    const commands = [...this.#section.matchAll(/`(npm test -- [^`]+)`/g)].map(([, command = '']) => command);
    assert.ok(commands.length > 0, 'the recipe says which tests to run');
    for (const command of commands) this.#execute(command);
  }

  /** Tries what the recipe says does not work yet. */
  assertDoesNotCompile(file: string): void {
    assert.ok(this.#section.includes('compile'));
    const { status, stdout } = spawnSync('npm', ['run', '--silent', 'build'], this.#where());
    assert.notEqual(status, 0);
    assert.ok(stdout.includes(file), stdout);
  }

  #execute(command: string): void {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], this.#where());
    assert.equal(status, 0, `${command}:\n${stdout.slice(-8_000)}\n${stderr.slice(-2_000)}`);
  }

  #where(): { cwd: string; encoding: 'utf8'; maxBuffer: number } {
    return { cwd: this.#directory, encoding: 'utf8', maxBuffer: 1 << 28 };
  }

  /** By its whole path, or by the end of it: "`open.ts`". */
  #names(file: string): boolean {
    const named = [...this.#section.matchAll(/`([^`\s]+)`/g)].map(([, word = '']) => word.replace(/\/$/, ''));
    return named.some((name) => file === name || file.endsWith(`/${name}`));
  }

  #assertNamed(folder: string): void {
    const folders = folder.split('/').map((_, index, all) => all.slice(0, index + 1).join('/'));
    assert.ok(
      folders.some((one) => this.#names(one)),
      `the recipe names ${folder}`,
    );
  }

  #path(name: string): string {
    return path.join(this.#directory, name);
  }
}
