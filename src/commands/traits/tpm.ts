// TPM: QEMU's commands of qapi/tpm.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const tpmCommands: readonly QemuCommand[] = [
  qemuCommand('query-tpm', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-tpm-models', { role: 'observe', answer: 'once', probe: 'blank' }),
  qemuCommand('query-tpm-types', { role: 'observe', answer: 'once', probe: 'blank' }),
];
