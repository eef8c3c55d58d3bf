// Jobs of any kind: QEMU's commands of qapi/job.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const jobCommands: readonly QemuCommand[] = [
  qemuCommand('job-cancel', { role: 'operate' }),
  qemuCommand('job-complete', { role: 'operate' }),
  qemuCommand('job-dismiss', { role: 'operate' }),
  qemuCommand('job-finalize', { role: 'operate' }),
  qemuCommand('job-pause', { role: 'operate' }),
  qemuCommand('job-resume', { role: 'operate' }),
  qemuCommand('query-jobs', { role: 'observe', answer: 'shared' }),
];
