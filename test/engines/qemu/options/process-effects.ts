// Effects of options about memory, time, QEMU's process and what it tells of itself.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { QemuUnderTest } from '../../../kit/qemu/qemu-under-test.ts';
import { frontends } from './basic-effects.ts';
import type { OptionEffect } from './option-effect.ts';

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await condition()); tries += 1) {
    assert(tries < 500, 'it happens within five seconds');
    await delay(10);
  }
}

function openFiles({ pid }: QemuUnderTest): string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
}

export function processEffects(directory: string): readonly OptionEffect[] {
  const file = (name: string): string => path.join(directory, name);
  mkdirSync(file('root'), { recursive: true });
  const drawing = file('drawing.bin');
  writeFileSync(drawing, firmwareThatDraws());
  return [
    {
      options: { memory: { size: 33_554_432, path: directory, prealloc: true } },
      see: async (qemu) => {
        assert.match(qemu.proc('maps'), new RegExp(`${directory}/qemu_back_mem`));
        const [ram] = await qemu.execute<{ prealloc: boolean }[]>('query-memdev');
        assert.equal(ram?.prealloc, true);
      },
    },
    {
      options: { memory: { size: 33_554_432, backend: 'ram0' } },
      before: ['-object', 'memory-backend-ram,id=ram0,size=32M'],
      see: async (qemu) =>
        assert.equal((await qemu.execute<{ id: string }[]>('query-memdev'))[0]?.id, 'ram0'),
    },
    {
      options: { icount: { shift: 7, rr: 'record', rrfile: file('record') } },
      see: async (qemu) => {
        const { mode, filename } = await qemu.execute<{ mode: string; filename: string }>('query-replay');
        assert.deepEqual([mode, filename], ['record', file('record')]);
      },
    },
    {
      options: { icount: { shift: 'auto', sleep: false }, smp: { cpus: 2 } },
      see: async (qemu) => {
        const cpus = await qemu.execute<{ 'thread-id': number }[]>('query-cpus-fast');
        assert.equal(cpus[0]?.['thread-id'], cpus[1]?.['thread-id']);
      },
    },
    {
      options: { accel: [{ type: 'kvm', properties: { 'kernel-irqchip': 'split' } }, { type: 'tcg' }] },
      see: async (qemu) => {
        const { enabled, present } = await qemu.execute<{ enabled: boolean; present: boolean }>('query-kvm');
        assert.equal(enabled, present && existsSync('/dev/kvm'));
      },
    },
    {
      options: { accel: [{ type: 'tcg', properties: { 'one-insn-per-tb': true } }] },
      until: 7,
      see: async (qemu) => {
        assert.equal((await qemu.execute<{ singlestep: boolean }>('query-status')).singlestep, true);
      },
    },
    {
      options: { action: { reboot: 'shutdown', shutdown: 'pause', panic: 'none', watchdog: 'debug' } },
      see: async (qemu) => {
        await qemu.execute('cont');
        await qemu.execute('system_reset');
        await until(
          async () => (await qemu.execute<{ status: string }>('query-status')).status === 'shutdown',
        );
      },
    },
    {
      options: { incoming: 'defer' },
      see: async (qemu) =>
        assert.equal((await qemu.execute<{ status: string }>('query-status')).status, 'inmigrate'),
    },
    {
      options: { seed: 4711, firmware: drawing, cpu: { model: 'max' } },
      before: ['-chardev', 'ringbuf,id=drawn', '-device', 'isa-debugcon,iobase=0xe9,chardev=drawn'],
      see: async (qemu, binary) => {
        const words = ['-display', 'none', '-nodefaults', '-cpu', 'max', '-bios', drawing, '-chardev'];
        const port = ['ringbuf,id=drawn', '-device', 'isa-debugcon,iobase=0xe9,chardev=drawn', '-seed'];
        await using same = await QemuUnderTest.start(binary, [...words, ...port, '4711']);
        await using other = await QemuUnderTest.start(binary, [...words, ...port, '4712']);
        const [a, b, c] = await Promise.all([qemu, same, other].map(drawn));
        assert.equal(a, b);
        assert.notEqual(a, c);
      },
    },
    { options: { loadvm: 'no-such-snapshot' }, refused: /snapshot/i },
    { options: { 'only-migratable': true }, before: ['-device', 'nvme,serial=1'], refused: /not migratable/ },
    {
      options: {
        log: { items: ['guest_errors', 'unimp'], file: file('log'), filter: [{ from: 16, to: 4096 }] },
      },
      see: async (qemu) => assert(openFiles(qemu).includes(file('log'))),
    },
    {
      options: { trace: { enable: ['memory_region_ops_read', 'monitor_qmp_cmd*'] } },
      see: async (qemu) => {
        for (const name of ['memory_region_ops_read', 'monitor_qmp_cmd_in_band']) {
          const [event] = await qemu.execute<{ state: string }[]>('trace-event-get-state', { name });
          assert.equal(event?.state, 'enabled');
        }
      },
    },
    {
      options: { 'user-config': true },
      tracer: ['strace', '-f', '-e', 'trace=openat', '-o', file('opened')],
      see: async () => assert.match(readFileSync(file('opened'), 'latin1'), /"[^"]*\/qemu\.conf"/),
    },
    {
      options: { 'user-config': false },
      tracer: ['strace', '-f', '-e', 'trace=openat', '-o', file('opened')],
      see: async () => assert.doesNotMatch(readFileSync(file('opened'), 'latin1'), /"[^"]*\/qemu\.conf"/),
    },
    {
      options: { tpmdev: [{ id: 't0', type: 'passthrough', path: '/dev/null', 'cancel-path': '/dev/null' }] },
      before: ['-device', 'tpm-tis,tpmdev=t0'],
      refused: /'\/dev\/null' is not a TPM device/,
    },
    { options: { rotate: 45 }, until: 7, refused: /only 90, 180, 270 deg/ },
    {
      options: { gdb: 'g0' },
      before: ['-chardev', 'ringbuf,id=g0'],
      see: async (qemu) => assert((await frontends(qemu)).includes('g0')),
    },
    {
      options: { profile: { sync: true } },
      see: async (qemu) => assert.match(await qemu.hmp('sync-profile'), /sync-profile is on/),
    },
    {
      options: { profile: { perfmap: true, jitdump: false } },
      since: 10,
      see: async (qemu) => {
        const map = `/tmp/perf-${qemu.pid}.map`;
        assert(openFiles(qemu).includes(map));
      },
    },
    { options: { plugin: [{ file: '/no/such/plugin.so', arguments: { count: 1 } }] }, refused: /plugin/ },
    {
      options: { qtest: { chardev: 'q0', log: file('qtest.log') } },
      before: ['-chardev', 'ringbuf,id=q0'],
      see: async (qemu) => {
        assert((await frontends(qemu)).includes('q0'));
        assert(openFiles(qemu).includes(file('qtest.log')));
      },
    },
    {
      options: { messages: { timestamp: true, 'guest-name': true }, name: 'vm1', 'only-migratable': true },
      before: ['-device', 'nvme,serial=1'],
      refused: /\d{4}-\d\d-\d\dT[\d:.]+Z vm1 .*not migratable/,
    },
    {
      options: { compat: { 'deprecated-input': 'reject', 'unstable-input': 'accept' } },
      see: async (qemu) => {
        await assert.rejects(qemu.execute('eject', { device: 'ide1-cd0' }), /disabled by policy/);
      },
    },
    {
      options: { process: { name: 'a-machine', 'debug-threads': true, pidfile: file('pid') } },
      see: async (qemu) => {
        assert.equal(qemu.proc('comm').trim(), 'a-machine');
        assert.equal(readFileSync(file('pid'), 'utf8').trim(), String(qemu.pid));
        const names = readdirSync(`/proc/${qemu.pid}/task`).map((tid) => qemu.proc(`task/${tid}/comm`));
        assert(names.some((name) => name.startsWith('CPU 0/TCG')));
      },
    },
    {
      options: { process: { chroot: file('root'), user: '65534:65534' } },
      asRoot: true,
      see: async (qemu) => {
        assert.equal(readlinkSync(`/proc/${qemu.pid}/root`), file('root'));
        assert.match(qemu.proc('status'), /Uid:\t65534/);
      },
    },
    {
      options: { process: { 'async-teardown': true } },
      see: async (qemu) => {
        const helpers = readdirSync('/proc').filter(
          (pid) => /^\d+$/.test(pid) && commOf(pid) === `cleanup/${qemu.pid}`,
        );
        assert.equal(helpers.length, 1);
      },
    },
    {
      options: {
        overcommit: { 'mem-lock': 'on' },
        memory: { size: 33_554_432 },
        accel: [{ type: 'tcg', properties: { 'tb-size': 8 } }],
      },
      asRoot: true,
      see: async (qemu) => assert(Number(/VmLck:\s+(\d+)/.exec(qemu.proc('status'))?.[1]) > 32_768),
    },
    {
      options: { sandbox: { enable: true, spawn: 'deny', elevateprivileges: 'children' } },
      see: async (qemu) => assert.match(qemu.proc('status'), /Seccomp:\t2/),
    },
  ];
}

function commOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

const drawsMax = 8;

/** Firmware that writes random numbers of the CPU to the debugging port. */
function firmwareThatDraws(): Buffer {
  const image = Buffer.alloc(65_536, 0xf4);
  const code = [
    [0xb9, drawsMax, 0x00], // mov cx, drawsMax
    [0xba, 0xe9, 0x00], // mov dx, 0xe9
    [0x0f, 0xc7, 0xf0], // again: rdrand ax
    [0xee], // out dx, al
    [0xe2, 0xfa], // loop again
    [0xf4, 0xeb, 0xfd], // stop: hlt; jmp stop
  ].flat();
  image.set(code, 0xffc0);
  // Where CPUs begin: jmp to the code.
  image.set([0xeb, 0xce], 0xfff0);
  return image;
}

async function drawn(qemu: QemuUnderTest): Promise<string> {
  await qemu.execute('cont');
  let bytes = Buffer.alloc(0);
  await until(async () => {
    const text = await qemu.execute<string>('ringbuf-read', { device: 'drawn', size: 64, format: 'base64' });
    bytes = Buffer.concat([bytes, Buffer.from(text, 'base64')]);
    return bytes.length >= drawsMax;
  });
  return bytes.toString('hex');
}
