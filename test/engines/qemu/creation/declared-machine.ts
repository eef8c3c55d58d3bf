// One machine with something of every kind in it, as a client declares it and as QEMU's own command line has it. Every
// device has its place, since QEMU gives out places in the order in which devices come.

import path from 'node:path';

export interface Variant {
  readonly defaults: boolean;
  readonly globals: boolean;
}

export interface DeclaringCommand {
  readonly command: string;
  readonly args: Record<string, unknown>;
}

/** Whether an option is told from its default by these: each is seen in the tree. */
const globals: readonly { driver: string; property: string; value: string }[] = [
  { driver: 'virtio-serial-pci', property: 'max_ports', value: '5' },
  { driver: 'virtio-net-pci', property: 'rx_queue_size', value: '512' },
  { driver: 'isa-serial', property: 'wakeup', value: 'on' },
  { driver: 'pci-bridge', property: 'shpc', value: 'on' },
];

const devices: readonly Record<string, string | number>[] = [
  { driver: 'pci-bridge', id: 'bridge0', chassis_nr: 1, addr: '0x10' },
  { driver: 'virtio-serial-pci', id: 'vs0', bus: 'bridge0', addr: '0x3' },
  { driver: 'virtconsole', id: 'vc0', bus: 'vs0.0', nr: 0, chardev: 'console' },
  { driver: 'virtserialport', id: 'agent0', bus: 'vs0.0', nr: 1, name: 'agent', chardev: 'shared' },
  { driver: 'virtio-blk-pci', id: 'blk0', addr: '0x11', drive: 'disk', iothread: 'io0' },
  { driver: 'virtio-net-pci', id: 'nic0', addr: '0x12', netdev: 'net0', mac: '52:54:00:12:34:56' },
  { driver: 'virtio-rng-pci', id: 'rng', bus: 'bridge0', addr: '0x5', rng: 'rng0' },
  { driver: 'piix3-usb-uhci', id: 'usb0', addr: '0x13' },
  { driver: 'usb-tablet', id: 'tablet0', bus: 'usb0.0', port: '2' },
  { driver: 'usb-serial', id: 'usbserial0', bus: 'usb0.0', port: '1', chardev: 'log' },
  { driver: 'isa-serial', id: 'second', iobase: 0x2f8, irq: 3, index: 1, chardev: 'shared' },
];

const objects: readonly Record<string, unknown>[] = [
  { 'qom-type': 'iothread', id: 'io0' },
  { 'qom-type': 'rng-random', id: 'rng0', filename: '/dev/urandom' },
  { 'qom-type': 'secret', id: 'password', data: 'open sesame' },
  { 'qom-type': 'throttle-group', id: 'limits', limits: { 'iops-total': 100 } },
  { 'qom-type': 'memory-backend-ram', id: 'ram', size: 67_108_864 },
];

const blocks: readonly Record<string, unknown>[] = [
  { driver: 'null-co', 'node-name': 'nothing', size: 1_048_576, 'read-zeroes': true },
  { driver: 'raw', 'node-name': 'cut', file: 'nothing', size: 65_536 },
  { driver: 'throttle', 'node-name': 'disk', file: 'cut', 'throttle-group': 'limits' },
];

const netdevs: readonly Record<string, unknown>[] = [{ type: 'hubport', id: 'net0', hubid: 1 }];

function serialPort(directory: string): string {
  return path.join(directory, 'serial.sock');
}

function chardevs(directory: string): readonly (readonly [string, string, Record<string, unknown>])[] {
  const addr = { type: 'unix', data: { path: serialPort(directory) } };
  return [
    ['serial', 'socket', { addr, wait: false }],
    ['memory', 'ringbuf', { size: 4096 }],
    ['shared', 'mux', { chardev: 'memory' }],
    ['console', 'file', { out: path.join(directory, 'console.log') }],
    ['log', 'null', { logfile: path.join(directory, 'log') }],
  ];
}

function machineOptions({ defaults, globals: withGlobals }: Variant): Record<string, unknown> {
  return {
    engine: 'qemu',
    accel: [{ type: 'tcg' }],
    machine: { type: 'pc', properties: { 'memory-backend': 'ram' } },
    memory: { size: 67_108_864 },
    smp: { cpus: 1, maxcpus: 2 },
    name: 'shuffled',
    serial: ['serial'],
    defaults,
    ...(withGlobals ? { global: globals } : {}),
  };
}

/** In QEMU's order; with them a monitor of qmpd's own, which opens its chardev while the rest is being declared. */
export function declarations(variant: Variant, directory: string): DeclaringCommand[] {
  const monitor = { type: 'unix', data: { path: path.join(directory, 'monitor.sock') } };
  return [
    ...Object.entries(machineOptions(variant)).map(([name, value]) => ({
      command: 'machine-set',
      args: { [name]: value },
    })),
    ...objects.map((args) => ({ command: 'object-add', args })),
    ...[...chardevs(directory), ['monitor', 'socket', { addr: monitor }] as const].map(
      ([id, type, data]) => ({
        command: 'chardev-add',
        args: { id, backend: { type, data } },
      }),
    ),
    { command: 'object-add', args: { 'qom-type': 'monitor-qmp', id: 'mon0', chardev: 'monitor' } },
    ...blocks.map((args) => ({ command: 'blockdev-add', args })),
    ...netdevs.map((args) => ({ command: 'netdev_add', args })),
    ...devices.map((args) => ({ command: 'device_add', args })),
  ];
}

/** The same for QEMU itself, written by hand where its command line has words of its own. */
export function commandLine({ defaults, globals: withGlobals }: Variant, directory: string): string[] {
  const json = (option: string, all: readonly object[]): string[] =>
    all.flatMap((one) => [option, JSON.stringify(one)]);
  return [
    ['-no-user-config', '-display', 'none', '-S', '-accel', 'tcg', '-M', 'pc,memory-backend=ram'],
    ['-m', '64', '-smp', '1,maxcpus=2', '-name', 'shuffled', '-serial', 'chardev:serial'],
    defaults ? [] : ['-nodefaults'],
    json('-object', objects),
    ['-chardev', `socket,id=serial,server=on,wait=off,path=${serialPort(directory)}`],
    ['-chardev', 'ringbuf,id=memory,size=4096', '-chardev', 'mux,id=shared,chardev=memory'],
    ['-chardev', `file,id=console,path=${path.join(directory, 'console.log')}`],
    ['-chardev', `null,id=log,logfile=${path.join(directory, 'log')}`],
    json('-blockdev', blocks),
    json('-netdev', netdevs),
    withGlobals
      ? globals.flatMap(({ driver, property, value }) => ['-global', `${driver}.${property}=${value}`])
      : [],
    json('-device', devices),
  ].flat();
}
