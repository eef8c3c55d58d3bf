// Devices and network backends (QEMU: qapi/qdev.json, qapi/net.json, system/qdev-monitor.c). They are QEMU's: before
// creation they are declared and checked against what the binary says of itself; the embedded engine's hardware is
// given by machine-set.

import { type JsonObject, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { type CommandDefinition, command } from '../context.ts';
import { declare, withdraw } from '../declare.ts';

export const deviceCommands: readonly CommandDefinition[] = [
  command({
    name: 'device_add',
    phases: 'any',
    role: 'configure',
    rules: [
      { arguments: ['romfile', 'rootdir', 'evdev', 'file'], role: 'admin' },
      {
        arguments: ['driver'],
        is: [
          'vfio-*',
          'usb-host',
          'scsi-generic',
          'vhost-*',
          'virtio-input-host*',
          'ivshmem-*',
          'loader',
          'guest-loader',
        ],
        role: 'admin',
      },
    ],
    descriptors: [
      { member: 'fd', form: 'name' },
      { member: 'vhostfd', form: 'name' },
      { member: 'ebpf-rss-fds', form: 'name' },
    ],
    declares: { kind: 'device', id: 'id', effect: 'add' },
    guards: ['bar-size'],
    human: { name: 'device_add', reads: { word: 0, options: 'driver' } },
    run: async (context, args) => {
      const options = wireObject(args);
      if (options.driver === undefined) throw new QmpError("Parameter 'driver' is missing");
      if (typeof options.driver !== 'string') {
        throw new QmpError("Invalid parameter type for 'driver', expected: string");
      }
      await declare(context, options);
      return {};
    },
  }),
  command({
    name: 'device_del',
    phases: 'any',
    role: 'configure',
    declares: { kind: 'device', id: 'id', effect: 'ask-removal' },
    run: (context, { id }) => {
      withdraw(context, id);
      return {};
    },
  }),
  command({
    name: 'netdev_add',
    phases: 'any',
    role: 'admin',
    rules: [
      { arguments: ['id', 'fd', 'fds', 'vhostfd', 'vhostfds'], role: 'configure' },
      { arguments: ['type'], is: ['user', 'hubport'], role: 'configure' },
      { arguments: ['type'], with: 'fd', role: 'configure' },
      { arguments: ['type'], with: 'fds', role: 'configure' },
      {
        arguments: [
          'net',
          'host',
          'restrict',
          'ipv4',
          'ipv6',
          'dhcpstart',
          'dns',
          'hostname',
          'domainname',
          'dnssearch.*',
          'ipv6-prefix',
          'ipv6-prefixlen',
          'ipv6-host',
          'ipv6-dns',
          'hubid',
          'netdev',
        ],
        role: 'configure',
      },
    ],
    descriptors: [
      { member: 'fd', form: 'name' },
      { member: 'vhostfd', form: 'name' },
      { member: 'fds', form: 'colon-list' },
      { member: 'vhostfds', form: 'colon-list' },
      { member: 'sock-fds', form: 'colon-list' },
    ],
    declares: { kind: 'netdev', id: 'id', effect: 'add' },
    guards: ['tap-queues'],
    human: { name: 'netdev_add', reads: { word: 0, options: 'type' } },
    run: async (context, args) => {
      const options = wireObject(args);
      if (options.type === undefined) throw new QmpError("Parameter 'type' is missing");
      await declare(context, options);
      return {};
    },
  }),
  command({
    name: 'netdev_del',
    phases: 'any',
    role: 'configure',
    declares: { kind: 'netdev', id: 'id', effect: 'remove' },
    run: (context, { id }) => {
      withdraw(context, id);
      return {};
    },
  }),
];

/** Arguments that the schema does not describe in full ('gen': false) are still what came over the wire. */
function wireObject(args: object): JsonObject {
  return jsonObject(args as JsonObject);
}
