// QEMU's own eBPF programs: QEMU's commands of qapi/ebpf.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const ebpfCommands: readonly QemuCommand[] = [qemuCommand('request-ebpf', { role: 'observe' })];
