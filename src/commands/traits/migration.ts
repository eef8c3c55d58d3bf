// Migration, snapshots, dirty pages, COLO: QEMU's commands of qapi/migration.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const migrationCommands: readonly QemuCommand[] = [
  qemuCommand('announce-self', { role: 'operate', right: 'migrate' }),
  qemuCommand('calc-dirty-rate', {
    role: 'operate',
    guards: ['dirty-bitmap-without-kvm'],
    human: { name: 'calc_dirty_rate', reads: 'dirty-rate-mode' },
  }),
  qemuCommand('cancel-vcpu-dirty-limit', { role: 'configure' }),
  qemuCommand('client_migrate_info', { role: 'configure', right: 'migrate' }),
  qemuCommand('migrate', {
    role: 'admin',
    right: 'migrate',
    rules: [
      { arguments: ['uri'], is: ['fd:*'], role: 'configure' },
      { arguments: ['detach', 'resume'], role: 'configure' },
    ],
    descriptors: [{ member: 'uri', form: 'uri' }],
    human: { name: 'migrate', reads: { word: -1, member: 'uri' } },
  }),
  qemuCommand('migrate-continue', { role: 'operate', right: 'migrate' }),
  qemuCommand('migrate-incoming', {
    role: 'admin',
    right: 'migrate',
    descriptors: [{ member: 'uri', form: 'uri' }],
    human: { name: 'migrate_incoming', reads: { word: 0, member: 'uri' } },
  }),
  qemuCommand('migrate-set-capabilities', { role: 'configure', right: 'migrate' }),
  qemuCommand('migrate-set-parameters', { role: 'admin', right: 'migrate' }),
  qemuCommand('migrate-start-postcopy', { role: 'operate', right: 'migrate' }),
  qemuCommand('migrate_cancel', { role: 'operate' }),
  qemuCommand('query-colo-status', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-dirty-rate', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-migrate', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-migrate-capabilities', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-migrate-parameters', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-migrationthreads', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-vcpu-dirty-limit', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-xen-replication-status', { role: 'observe', answer: 'shared' }),
  qemuCommand('set-vcpu-dirty-limit', { role: 'configure' }),
  qemuCommand('snapshot-delete', { role: 'configure' }),
  qemuCommand('snapshot-load', { role: 'configure', slow: true }),
  qemuCommand('snapshot-save', { role: 'configure', slow: true }),
  qemuCommand('x-colo-lost-heartbeat', { role: 'configure' }),
  qemuCommand('xen-colo-do-checkpoint', { role: 'configure' }),
  qemuCommand('xen-load-devices-state', { role: 'admin', right: 'debug', slow: true }),
  qemuCommand('xen-save-devices-state', { role: 'admin', slow: true }),
  qemuCommand('xen-set-global-dirty-log', { role: 'configure' }),
  qemuCommand('xen-set-replication', { role: 'configure' }),
];
