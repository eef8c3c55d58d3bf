// The chardev commands on real QEMU and on ours, answer by answer.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { ownSide, qemuSide, type Side } from '../kit/chardevs/sides.ts';
import { type InstalledQemu, installedQemus } from '../kit/qemu/installed.ts';
import { type CommandScenario, commandScenarios, type Step } from './command-scenarios.ts';

const directories: string[] = [];
after(async () => {
  for (const directory of directories) await rm(directory, { recursive: true });
});

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-chardevs-'));
  directories.push(directory);
  return directory;
}

/** Ports and directories differ; the order of query-chardev is QEMU's hash order and means nothing. */
function masked(value: unknown, directory: string): unknown {
  if (Array.isArray(value)) {
    const infos = value.filter(({ label }) => label !== 'monitor').map((info) => masked(info, directory));
    return infos.map((info) => JSON.stringify(info, Object.keys(info as object).sort())).sort();
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, masked(member, directory)]));
  }
  if (typeof value !== 'string') return value;
  return value.replaceAll(directory, 'DIR').replace(/:\d{4,5}(?=,|$)/, ':PORT');
}

async function runStep(side: Side, step: Step): Promise<unknown> {
  const args = JSON.parse(JSON.stringify(step.args).replaceAll('DIR', side.directory));
  return masked(await side.run(step.command, args), side.directory);
}

async function runAll(side: Side, steps: readonly Step[]): Promise<unknown[]> {
  const replies: unknown[] = [];
  for (const step of steps) replies.push(await runStep(side, step));
  return replies;
}

async function compare({ path: binary, major }: InstalledQemu, scenario: CommandScenario): Promise<void> {
  const steps = scenario.steps.filter(
    ({ since = 0, before = Number.POSITIVE_INFINITY }) => since <= major && major < before,
  );
  const qemu = await qemuSide(binary, await makeDirectory());
  const ours = await ownSide(await makeDirectory());
  try {
    const theirs = await runAll(qemu, steps);
    const own = await runAll(ours, steps);
    steps.forEach((step, index) => {
      const expected = 'ours' in step ? step.ours : theirs[index];
      assert.deepEqual(own[index], expected, `${step.command} ${JSON.stringify(step.args)}`);
    });
  } finally {
    await qemu.close();
    await ours.close();
  }
}

for (const qemu of installedQemus) {
  describe(`the chardev commands answer as those of ${qemu.label}`, () => {
    for (const scenario of commandScenarios) test(scenario.name, () => compare(qemu, scenario));
  });
}
