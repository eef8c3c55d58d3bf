// `npm run bench [-- [--json] [own] [engine] [console] [BINARY...]]`: qmpd against the QEMUs that are installed, as ratios
// of one run: what qmpd answers itself (own), a QEMU machine behind it (engine), and what such a machine prints
// (console). It needs a C compiler.

import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { consoles } from './consoles.ts';
import { described, type Figure } from './figure.ts';
import { ownCommands } from './own-commands.ts';
import { qemuEngine } from './qemu-engine.ts';

const parts: ReadonlyMap<string, (binary: string) => Promise<Figure[]>> = new Map([
  ['own', ownCommands],
  ['engine', qemuEngine],
  ['console', consoles],
]);
const titles: Readonly<Record<string, string>> = {
  own: 'what qmpd answers itself, against a QEMU without a machine',
  engine: 'a machine behind qmpd, against the same one used directly',
  console: 'what a machine prints, on a console of qmpd and on a chardev of QEMU',
};

/** The distribution's QEMU, and the one that scripts/install-backports-qemu.sh unpacks. */
const installed: readonly string[] = [
  process.env.QMPD_QEMU ?? '/usr/bin/qemu-system-x86_64',
  process.env.QMPD_SECOND_QEMU ?? '/opt/qemu-backports/qemu-system-x86_64',
].filter((binary) => existsSync(binary));

const words: readonly string[] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const asked: readonly string[] = words.filter((word) => parts.has(word));
const named: readonly string[] = words.filter((word) => !parts.has(word));
const binaries: readonly string[] = named.length > 0 ? named : installed;
const json: boolean = process.argv.includes('--json');
const say = (text: string): void => {
  if (!json) console.log(text);
};

const conditions = {
  processors: cpus().length,
  processorModel: cpus()[0]?.model ?? '',
  loadBefore: loadavg()[0] ?? 0,
  node: process.version,
};
say(`${conditions.processors} processors, load ${conditions.loadBefore.toFixed(1)}, Node ${conditions.node}`);
if (binaries.length === 0) throw new Error('there is no QEMU to compare with: name one');

const results: { binary: string; part: string; figures: Figure[] }[] = [];
for (const binary of binaries) {
  for (const [part, measure] of parts) {
    if (asked.length > 0 && !asked.includes(part)) continue;
    say(`\n${binary}: ${titles[part]}`);
    const figures = await measure(binary);
    results.push({ binary, part, figures });
    for (const figure of figures) say(`  ${described(figure)}`);
  }
}

const goals = results.flatMap(({ figures }) => figures).filter(({ goal }) => goal !== undefined);
const missed: number = goals.filter(({ met }) => !met).length;
say(`\n${goals.length - missed} goals met, ${missed} missed`);
if (json) console.log(JSON.stringify({ conditions, results, goals: goals.length, missed }, null, 2));
