// The words of --chardev and --mon: what QEMU refuses is refused in QEMU's words. Where a QEMU is installed it is asked
// whether they are.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { chardevOption } from '../../../src/cli/serve/chardev-option.ts';
import { monitorOption } from '../../../src/cli/serve/monitor-option.ts';
import { qemuBinaries } from '../../kit/qemu/qemu-under-test.ts';

const badChardevs: readonly (readonly [words: string, text: string])[] = [
  ['socket', 'chardev: no id specified'],
  ['id=c0', 'chardev: "c0" missing backend'],
  ['nope,id=c0', "'nope' is not a valid char driver name"],
  ['constructor,id=c0', "'constructor' is not a valid char driver name"],
  ['null,id=1x', "Parameter 'id' expects an identifier"],
  ['null,id=c0,foo=1', "Invalid parameter 'foo'"],
  ['null,id=c0,constructor=1', "Invalid parameter 'constructor'"],
  ['socket,id=c0', 'Unable to parse FD number '],
  ['socket,id=c0,fd=ab', 'Unable to parse FD number ab'],
  ['socket,id=c0,path=/x,server=maybe', "Parameter 'server' expects 'on' or 'off'"],
  ['socket,id=c0,path=/x,reconnect=abc', "Parameter 'reconnect' expects a number"],
  ['socket,id=c0,path=/x,fd=3', "None or one of 'path', 'fd' or 'host' option required."],
  ['socket,id=c0,host=h', 'chardev: socket: no port given'],
  ['socket,id=c0,path=/x,delay=off,nodelay=on', "'delay' and 'nodelay' are mutually exclusive"],
  ['file,id=c0', 'chardev: file: no filename given'],
  ['pipe,id=c0', 'chardev: pipe: no device path given'],
  ['serial,id=c0', 'chardev: serial/tty: no device path given'],
  ['parallel,id=c0', 'chardev: parallel: no device path given'],
  ['udp,id=c0,host=h', 'chardev: udp: remote port not specified'],
  ['mux,id=c0', 'chardev: mux: no chardev given'],
  ['ringbuf,id=c0,size=abc', "Parameter 'size' expects a non-negative number below 2^64"],
  ['vc,id=c0,width=a', "Parameter 'width' expects a number"],
  ['stdio,id=c0,signal=2', "Parameter 'signal' expects 'on' or 'off'"],
];

const badMonitors: readonly (readonly [words: string, text: string])[] = [
  ['mode=control', "Parameter 'chardev' is missing"],
  ['c1,mode=foo', "Parameter 'mode' does not accept value 'foo'"],
  ['c1,mode=control,pretty=maybe', "Parameter 'pretty' expects 'on' or 'off'"],
  ['c1,mode=control,foo=1', "Invalid parameter 'foo'"],
  ['c1,mode=control,id=1x', "Parameter 'id' expects an identifier"],
];

/** What QEMU says of an option, without the hints that follow. */
function qemuSays(binary: string, option: string, words: string): string {
  const common = ['-M', 'none', '-nodefaults', '-display', 'none', '-chardev', 'null,id=c1'];
  const { stderr } = spawnSync(binary, [...common, option, words], { encoding: 'utf8', timeout: 10_000 });
  const [first = ''] = stderr.split('\n');
  return first.slice(first.indexOf(`${option} ${words}: `) + `${option} ${words}: `.length);
}

for (const [words, text] of badChardevs) {
  test(`--chardev ${words} is refused`, () => {
    assert.throws(() => chardevOption(words), { message: text });
  });
}

for (const [words, text] of badMonitors) {
  test(`--mon ${words} is refused`, () => {
    assert.throws(() => monitorOption(words), { message: text });
  });
}

for (const { path, major } of qemuBinaries) {
  test(`QEMU ${major} refuses the same words in the same way`, () => {
    for (const [words, text] of badChardevs) assert.equal(qemuSays(path, '-chardev', words), text, words);
    for (const [words, text] of badMonitors) assert.equal(qemuSays(path, '-mon', words), text, words);
  });
}

test('names that QEMU 10 gave up are refused', () => {
  for (const backend of ['tty', 'parport']) {
    assert.throws(() => chardevOption(`${backend},id=c0,path=/x`), {
      message: `'${backend}' is not a valid char driver name`,
    });
  }
});

test('a monitor for people is refused, and it is said where there is one', () => {
  for (const words of ['c1', 'c1,mode=readline,pretty=on']) {
    assert.throws(() => monitorOption(words), /^QmpError: qmpd has no monitor for people.*'human-monitor'/);
  }
});

function chardev(words: string): unknown {
  return JSON.parse(JSON.stringify(chardevOption(words)));
}

test('words become arguments of chardev-add, with their types', () => {
  const unix = { type: 'unix', data: { path: '/a,b' } };
  assert.deepEqual(chardev('socket,id=c0,path=/a,,b,server=on,wait=off,nodelay'), [
    { id: 'c0', backend: { type: 'socket', data: { addr: unix, server: true, wait: false, nodelay: true } } },
  ]);
  const console = { addr: unix, scrollback: 65_536, writers: 'one', 'log-size': 1_048_576, 'log-keep': 3 };
  const words = 'scrollback=64k,writers=one,log-size=1M,log-keep=3,logfile=/l,logappend=on';
  assert.deepEqual(chardev(`console,id=c0,path=/a,,b,${words}`), [
    { id: 'c0', backend: { type: 'console', data: { ...console, logfile: '/l', logappend: true } } },
  ]);
  assert.deepEqual(chardev('hub,id=h,chardevs.0=a,chardevs.1=b'), [
    { id: 'h', backend: { type: 'hub', data: { chardevs: ['a', 'b'] } } },
  ]);
});

test('mux=on makes a mux of that id over the backend', () => {
  assert.deepEqual(chardev('null,id=c0,mux=on'), [
    { id: 'c0-base', backend: { type: 'null', data: {} } },
    { id: 'c0', backend: { type: 'mux', data: { chardev: 'c0-base' } } },
  ]);
});
