// The shell's history file: one line an entry, newest last, in the user's XDG state folder. It may hold what the user
// typed into commands, so it is nobody else's to read; lines that begin with a blank are left out.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Older entries are dropped. */
export const historyEntriesMax = 1000;

export function historyPath(environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment.XDG_STATE_HOME;
  const folder = state?.startsWith('/') === true ? state : path.join(homedir(), '.local', 'state');
  return path.join(folder, 'qmpd', 'shell-history');
}

/** Newest first, as readline wants them. A file that cannot be read is an empty history. */
export function loadHistory(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(isKept).slice(-historyEntriesMax).reverse();
  } catch {
    return [];
  }
}

/** `entries` newest first. Throws the system's error. */
export function saveHistory(file: string, entries: readonly string[]): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const kept = entries.filter(isKept).slice(0, historyEntriesMax).reverse();
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, kept.map((entry) => `${entry}\n`).join(''), { mode: 0o600 });
  renameSync(temporary, file);
}

function isKept(entry: string): boolean {
  return /^\S/.test(entry);
}
