// The QEMUs that this machine has, each asked for its version, and what the tests expect by version: as data, from a
// release on or up to one. Whoever imports this runs its tests with all of them; with none there is one skipped test that
// says so.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

export interface InstalledQemu {
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  /** "QEMU 10.0". */
  readonly label: string;
}

/** Where a program is that the shell would find; undefined when there is none. */
export function programPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A program that does not start, because of a library or of its architecture, is not there. */
export function askedForVersion(file: string): InstalledQemu | undefined {
  const { stdout, status } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = (status === 0 && /version (\d+)\.(\d+)/.exec(stdout)) || [];
  if (major === undefined || minor === undefined) return undefined;
  return { path: file, major: Number(major), minor: Number(minor), label: `QEMU ${major}.${minor}` };
}

/** The installed one, unpacked ones (scripts/install-backports-qemu.sh), and those that QMPD_TEST_QEMUS names, with ':'. */
function candidates(): string[] {
  const named = (process.env.QMPD_TEST_QEMUS ?? '').split(':').filter((name) => name !== '');
  const installed = programPath('qemu-system-x86_64');
  const folders = existsSync('/opt') ? readdirSync('/opt').filter((name) => name.startsWith('qemu-')) : [];
  const unpacked = folders.map((name) => `/opt/${name}/qemu-system-x86_64`);
  return [...(installed === undefined ? [] : [installed]), ...unpacked, ...named].filter((file) =>
    existsSync(file),
  );
}

function find(): InstalledQemu[] {
  const files = new Map(candidates().map((file) => [realpathSync(file), file]));
  const found = [...files.values()].map(askedForVersion).filter((qemu) => qemu !== undefined);
  // Two of the same release would only run everything twice.
  const byLabel = new Map(found.toReversed().map((qemu) => [qemu.label, qemu]));
  return [...byLabel.values()].sort((a, b) => a.major - b.major || a.minor - b.minor);
}

/** By version, the oldest first. */
export const installedQemus: readonly InstalledQemu[] = find();

/** The reason to skip what needs any QEMU. */
export const noQemu: string | false = installedQemus.length === 0 && 'qemu-system-x86_64 is not installed';

// Programs that tests start import this, too: only a test file has tests.
if (noQemu !== false && (process.argv[1] ?? '').endsWith('.test.js')) test('with QEMU', { skip: noQemu });

/** Releases from one on, and before another: [10, 0], [11, 1]. Without either there is no such end. */
export interface Releases {
  readonly from?: readonly [major: number, minor: number];
  readonly before?: readonly [major: number, minor: number];
}

export function isAmong({ from, before }: Releases, { major, minor }: InstalledQemu): boolean {
  const reaches = ([wantedMajor, wantedMinor]: readonly [number, number]): boolean =>
    major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  return (from === undefined || reaches(from)) && (before === undefined || !reaches(before));
}
