import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translate, translators } from '../../../src/cli/translate/index.ts';
import { qemuOptions } from '../../../src/cli/translate/qemu-options.ts';
import { pairsIn, treeOf } from '../../../src/engines/qemu/options/key-values.ts';

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The options of machine-set, without those that every command line leads to. */
function optionsOf(...words: string[]): unknown {
  const [set] = translate([...words, '-S', '-nodefaults', '-no-user-config', '-display', 'none']).commands;
  const { engine: _, display: __, ...options } = (set?.arguments ?? {}) as Record<string, unknown>;
  return plain(options);
}

test('every option that QEMU has or had is known', () => {
  const names = qemuOptions.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !translators.has(name)),
    [],
  );
  // -h is short for -help.
  assert.deepEqual(
    [...translators.keys()].filter((name) => !names.includes(name)),
    ['-h'],
  );
});

for (const [text, implied, pairs] of [
  [
    'a=1,b=2',
    undefined,
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  [
    'x,,y,b=c,,d',
    'name',
    [
      ['name', 'x,y'],
      ['b', 'c,d'],
    ],
  ],
  [
    'server,nowait',
    'path',
    [
      ['path', 'server'],
      ['wait', 'off'],
    ],
  ],
  ['on', undefined, [['on', 'on']]],
  [
    'a=,b==,c',
    undefined,
    [
      ['a', ''],
      ['b', '='],
      ['c', 'on'],
    ],
  ],
  ['', 'x', []],
] as const) {
  test(`"${text}" is read as QEMU reads it`, () => {
    assert.deepEqual(plain(pairsIn(text, implied)), pairs);
  });
}

test('dotted keys are members, and digits places in lists', () => {
  const tree = treeOf(pairsIn('a.b=1,c.1=y,c.0=x,d.0.e=z'));
  assert.deepEqual(plain(tree), { a: { b: '1' }, c: ['x', 'y'], d: [{ e: 'z' }] });
});

test('sizes have the units that each option gives to bare numbers', () => {
  assert.deepEqual(optionsOf('-m', '512'), { memory: { size: 536_870_912 } });
  assert.deepEqual(optionsOf('-m', '1.5g,slots=2,maxmem=4G'), {
    memory: { size: 1_610_612_736, slots: '2', 'max-size': 4_294_967_296 },
  });
  assert.deepEqual(optionsOf('-numa', 'node,mem=16,cpus=0-2,cpus=5'), {
    numa: [{ type: 'node', mem: 16_777_216, cpus: [0, 1, 2, 5] }],
  });
});

test('a monitor that shares a serial port is one over a mux', () => {
  const { commands } = translate(['-serial', 'mon:unix:/run/s,server=on,wait=off', '-S', '-nodefaults']);
  const [set, base, mux] = commands.map(
    ({ arguments: args }) => plain(args ?? {}) as Record<string, unknown>,
  );
  assert.deepEqual([set?.serial, set?.['human-monitor']], [['serial0'], ['serial0']]);
  assert.deepEqual(base, {
    id: 'serial0-base',
    backend: {
      type: 'socket',
      data: { addr: { type: 'unix', data: { path: '/run/s' } }, server: true, wait: 'off' },
    },
  });
  assert.deepEqual(mux, {
    id: 'serial0',
    backend: { type: 'mux', data: { chardev: 'serial0-base' } },
  });
});

test('-nographic has a serial port and a monitor on the standard input, unless they are elsewhere', () => {
  const serial = (...words: string[]): unknown => {
    const [set] = translate(['-nographic', ...words]).commands;
    const { serial: ports, 'human-monitor': monitors } = plain(set?.arguments) as Record<string, unknown>;
    return [ports, monitors];
  };
  assert.deepEqual(serial(), [['serial0'], ['serial0']]);
  assert.deepEqual(serial('-monitor', 'none'), [['serial0'], undefined]);
  assert.deepEqual(serial('-serial', 'none'), [[null], ['compat_monitor0']]);
  assert.deepEqual(serial('-serial', 'mon:null'), [['serial0'], ['serial0']]);
  assert.deepEqual(serial('-nodefaults'), [undefined, undefined]);
});

test('-set changes what stands before it', () => {
  assert.deepEqual(
    optionsOf('-drive', 'id=a,if=none', '-drive', 'id=b,if=none', '-set', 'drive.a.file=x,y'),
    {
      drive: [
        { id: 'a', if: 'none', file: 'x,y' },
        { id: 'b', if: 'none' },
      ],
    },
  );
  assert.throws(() => translate(['-set', 'drive.a.file=x']), /there is no drive "a" before it/);
});

test('QMP monitors become servers where QEMU would listen', () => {
  const { commands } = translate([
    '-qmp',
    'unix:/run/q,server=on,wait=off',
    '-qmp-pretty',
    'tcp:localhost:4444',
  ]);
  const objects = commands.filter(({ execute }) => execute === 'object-add').map((command) => plain(command));
  assert.deepEqual(objects, [
    {
      execute: 'object-add',
      arguments: { 'qom-type': 'qmp-server', id: 'qmp0', addr: { type: 'unix', path: '/run/q' } },
    },
    {
      execute: 'object-add',
      arguments: { 'qom-type': 'monitor-qmp', id: 'qmp1', chardev: 'compat_monitor0', pretty: true },
    },
  ]);
});

for (const [words, problem] of [
  [['-no-such'], /^QmpError: -no-such: invalid option$/],
  [['-m'], /^QmpError: -m: requires an argument$/],
  [['-m', 'much'], /-m much: expected a size such as 512M \(B, K, M, G, T, P, E allowed\), got 'much'/],
  [['-chardev', 'nothing,id=x'], /-chardev nothing,id=x: 'nothing' is not a valid char driver name/],
  [['-device', '{"driver":'], /-device \{"driver":: bad JSON/],
  [['-usbdevice', 'toaster'], /-usbdevice toaster: no USB device of that name/],
] as const) {
  test(`${words.join(' ')} is refused with the reason`, () => {
    assert.throws(() => translate(words), problem);
  });
}

test('what cannot be expressed is named, with the reason', () => {
  const words = ['-iscsi', 'timeout=5', '-readconfig', 'x.cfg', '-add-fd', 'fd=3,set=1', '-daemonize'];
  const notes = translate(words).notes.map(({ option, kind }) => [option, kind]);
  assert.deepEqual(notes, [
    ['-iscsi', 'lost'],
    ['-readconfig', 'lost'],
    ['-add-fd', 'lost'],
    ['-daemonize', 'changed'],
  ]);
});

test('a configuration file stands for the options that it has', () => {
  const file = `# a machine
[device "net0"]
  driver = "e1000"
  mac = "52:54:00:00:00:01"

[memory]
  size = "64"
[drive]
  file = "a,b.img"
`;
  const words = ['-S', '-nodefaults', '-no-user-config', '-display', 'none', '-readconfig', 'x.cfg'];
  const { commands, notes } = translate([...words, '-set', 'device.net0.addr=5'], (name) => {
    assert.equal(name, 'x.cfg');
    return file;
  });
  assert.deepEqual(notes, []);
  const [set, device] = commands.map(({ arguments: args }) => plain(args ?? {}) as Record<string, unknown>);
  assert.deepEqual([set?.memory, set?.drive], [{ size: 67_108_864 }, [{ file: 'a,b.img' }]]);
  assert.deepEqual(device, { id: 'net0', driver: 'e1000', mac: '52:54:00:00:00:01', addr: '5' });
  assert.throws(() => translate(words, () => '[nothing]'), /-readconfig x\.cfg: line 1: there is no group/);
});
