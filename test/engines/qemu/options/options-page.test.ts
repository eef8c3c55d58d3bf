// The tables of options agree with each other, with the schema, with QEMU's own list, and with the documentation.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { qemuOptions } from '../../../../src/cli/translate/qemu-options.ts';
import { argvOf, optionTable } from '../../../../src/engines/qemu/options/index.ts';
import { type JsonValue, jsonObject } from '../../../../src/json/value.ts';
import { schemaIndex } from '../../../../src/schema/index.ts';
import { qemuBinaries } from '../../../kit/qemu/qemu-under-test.ts';
import { wire } from './option-effect.ts';
import { afterwards, optionsPage, readmeLine, readmeStart } from './options-page.ts';

const page = fileURLToPath(new URL('../../../../../docs/options.md', import.meta.url));
const readme = fileURLToPath(new URL('../../../../../README.md', import.meta.url));

describe('the option table', () => {
  test('has one entry for each member of MachineOptions, and the schema names them all', () => {
    const names = optionTable.map(({ name }) => name).sort();
    const members = schemaIndex.object('MachineOptions').members.map(({ name }) => name);
    assert.deepEqual(names, members.sort());
    const values = schemaIndex.type('MachineOptionName');
    assert(values?.kind === 'enum');
    assert.deepEqual(names, values.values.map(({ name }) => name).sort());
  });

  test('has 115 options of QEMU 10.2 and ten older ones, each of which is somewhere or has a reason', () => {
    assert.equal(qemuOptions.filter(({ only }) => only !== 'older').length, 115);
    assert.equal(qemuOptions.filter(({ only }) => only === 'older').length, 10);
    assert.equal(new Set(qemuOptions.map(({ name }) => name)).size, 125);
    for (const { name, options = [], commands = [], program, instead } of qemuOptions) {
      const ways = [options.length + commands.length > 0, program !== undefined, instead !== undefined];
      assert.equal(ways.filter(Boolean).length, 1, name);
    }
    const nowhere = qemuOptions.filter(({ instead, only }) => instead !== undefined && only !== 'older');
    assert.deepEqual(nowhere, []);
  });

  test('reaches every option of machine-set but those that are not for QEMU', () => {
    const reached = new Set(qemuOptions.flatMap(({ options = [] }) => options));
    const others = optionTable.filter(({ name }) => !reached.has(name)).map(({ name }) => name);
    assert.deepEqual(others, ['engine', 'vga-firmware']);
  });

  test('makes the same machine whatever the order in which options were set', () => {
    const options = Object.entries({
      name: 'vm',
      boot: { order: ['disk'] },
      machine: { type: 'q35' },
      hda: 'disk',
      cdrom: null,
      fda: 'floppy',
      memory: { size: 1 },
      'vga-firmware': '/vga.bin',
      vga: 'cirrus',
    }).map(([name, value]): [string, JsonValue] => [name, wire(value)]);
    const words = (entries: typeof options): string[] => argvOf(jsonObject(Object.fromEntries(entries)));
    for (let turn = 1; turn < options.length; turn += 1) {
      const turned = [...options.slice(turn), ...options.slice(0, turn)];
      assert.deepEqual(words(turned), words(options));
      assert.deepEqual(words(turned.reverse()), words(options));
    }
  });

  test('offers at least as much as QEMU by itself', () => {
    for (const option of qemuOptions) {
      const [before, after] = option.stock;
      if (before !== 'none') assert.equal(option.instead, undefined, option.name);
      const { kind, near } = afterwards(option);
      if (after !== 'none') assert(kind !== 'needs-restart' || near.length > 0, option.name);
    }
  });

  test('is what docs/options.md says, and README.md in a line', () => {
    const line =
      readFileSync(readme, 'utf8')
        .split('\n')
        .find((one) => one.startsWith(readmeStart)) ?? '';
    if (process.env.QMPD_UPDATE === '1') {
      writeFileSync(page, optionsPage());
      writeFileSync(readme, readFileSync(readme, 'utf8').replace(line, readmeLine()));
    } else {
      assert.equal(readFileSync(page, 'utf8'), optionsPage());
      assert.equal(line, readmeLine());
    }
  });

  for (const { path, major, minor } of qemuBinaries) {
    test(`knows every option that QEMU ${major}.${minor} lists`, () => {
      const { stdout } = spawnSync(path, ['-help'], { encoding: 'utf8' });
      const known = new Set(qemuOptions.map(({ name }) => name));
      const listed = [...stdout.matchAll(/^(?:-h or )?-(-?[a-z][\w-]*)(?:\/-([a-z]+))?/gim)].flatMap(
        (match) => [
          `-${(match[1] ?? '').replace(/^-/, '')}`,
          ...(match[2] === undefined ? [] : [`-${match[2]}`]),
        ],
      );
      assert(listed.length > 90);
      assert.deepEqual(
        [...new Set(listed)].filter((name) => !known.has(name) && name !== '-h'),
        [],
      );
    });
  }
});
