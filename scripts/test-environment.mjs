// Loaded before each test file: gives the file's process, and all that it starts, a runtime directory of its own. Files
// run side by side, and a qmpd looks through its user's directory for what a killed one left behind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';

// Worker threads load this, too; they have the environment of their process.
if (isMainThread) {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-run-'));
  process.env.XDG_RUNTIME_DIR = directory;
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
}
