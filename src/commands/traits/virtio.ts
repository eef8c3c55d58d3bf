// What virtio devices are doing: QEMU's commands of qapi/virtio.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const virtioCommands: readonly QemuCommand[] = [
  qemuCommand('x-query-virtio', { role: 'observe' }),
  qemuCommand('x-query-virtio-queue-element', { role: 'observe' }),
  qemuCommand('x-query-virtio-queue-status', { role: 'observe' }),
  qemuCommand('x-query-virtio-status', { role: 'observe', answer: 'shared' }),
  qemuCommand('x-query-virtio-vhost-queue-status', { role: 'observe' }),
];
