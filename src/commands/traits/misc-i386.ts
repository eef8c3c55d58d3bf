// What only x86 has: QEMU's commands of qapi/misc-i386.json; in older QEMUs misc-target.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const miscI386Commands: readonly QemuCommand[] = [
  qemuCommand('query-sev', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-sev-attestation-report', { role: 'operate', answer: 'shared' }),
  qemuCommand('query-sev-capabilities', { role: 'observe', answer: 'once', probe: 'blank' }),
  qemuCommand('query-sev-launch-measure', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-sgx', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-sgx-capabilities', { role: 'observe', answer: 'once' }),
  qemuCommand('rtc-reset-reinjection', { role: 'operate' }),
  qemuCommand('sev-inject-launch-secret', { role: 'admin', secret: ['secret'] }),
  qemuCommand('xen-event-inject', { role: 'configure' }),
  qemuCommand('xen-event-list', { role: 'observe' }),
];
