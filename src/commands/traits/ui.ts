// Displays, and those who look at them: QEMU's commands of qapi/ui.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const uiCommands: readonly QemuCommand[] = [
  qemuCommand('change-vnc-password', { role: 'configure', secret: ['password'] }),
  qemuCommand('display-reload', { role: 'configure' }),
  qemuCommand('display-update', { role: 'admin' }),
  qemuCommand('expire_password', { role: 'configure' }),
  qemuCommand('query-display-options', { role: 'observe', right: 'screen', answer: 'shared' }),
  qemuCommand('query-mice', { role: 'observe', right: 'input', answer: 'shared' }),
  qemuCommand('query-spice', { role: 'observe', right: 'screen', answer: 'shared' }),
  qemuCommand('query-vnc', { role: 'observe', right: 'screen', answer: 'shared' }),
  qemuCommand('query-vnc-servers', {
    role: 'observe',
    right: 'screen',
    answer: 'shared',
    guards: ['text-console'],
  }),
  qemuCommand('set_password', { role: 'configure', secret: ['password'] }),
];
