// CXL: events and errors for the guest: QEMU's commands of qapi/cxl.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const cxlCommands: readonly QemuCommand[] = [
  qemuCommand('cxl-add-dynamic-capacity', { role: 'configure' }),
  qemuCommand('cxl-inject-correctable-error', { role: 'configure' }),
  qemuCommand('cxl-inject-dram-event', { role: 'configure' }),
  qemuCommand('cxl-inject-general-media-event', { role: 'configure' }),
  qemuCommand('cxl-inject-memory-module-event', { role: 'configure' }),
  qemuCommand('cxl-inject-poison', { role: 'configure' }),
  qemuCommand('cxl-inject-uncorrectable-errors', { role: 'configure' }),
  qemuCommand('cxl-release-dynamic-capacity', { role: 'configure' }),
];
