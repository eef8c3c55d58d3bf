// What QEMU tells of itself and of the guest can mostly be switched while the machine exists, in part only by the human
// monitor (QEMU: monitor/hmp-cmds.c, gdbstub/system.c, trace/qmp.c).

import type { MachineLog, MachineProfile, MachineQtest, MachineTrace } from '../../../../schema/index.ts';
import type { ChangeOutcome, PossibleChange } from '../option.ts';
import { hmp } from './hmp.ts';
import { sameValue } from './same-value.ts';

const applied: ChangeOutcome = { result: 'applied' };

export const logChange: PossibleChange<MachineLog> = {
  kind: 'live',
  commands: ['human-monitor-command'],
  reason: 'the filter is fixed when QEMU starts',
  plan: ({ from, to }) =>
    sameValue(from?.filter, to?.filter)
      ? applied
      : { result: 'needs-restart', reason: 'the filter is fixed when QEMU starts' },
  apply: async ({ from, to }, execute) => {
    if (to?.file !== undefined && to.file !== from?.file) await hmp(execute, `logfile ${to.file}`);
    await hmp(execute, `log ${to?.items?.join(',') ?? 'none'}`);
  },
};

export const traceChange: PossibleChange<MachineTrace> = {
  kind: 'live',
  commands: ['trace-event-set-state', 'trace-event-get-state'],
  reason: 'files are opened when QEMU starts',
  plan: ({ from, to }) =>
    from?.file === to?.file && from?.events === to?.events
      ? applied
      : { result: 'needs-restart', reason: 'files are opened when QEMU starts' },
  apply: async ({ from, to }, execute) => {
    const before = new Set(from?.enable);
    const after = new Set(to?.enable);
    for (const name of before) {
      if (!after.has(name)) await execute('trace-event-set-state', { name, enable: false });
    }
    for (const name of after) {
      if (!before.has(name)) await execute('trace-event-set-state', { name, enable: true });
    }
  },
};

export const gdbChange: PossibleChange<string> = {
  kind: 'live',
  commands: ['human-monitor-command'],
  plan: () => applied,
  apply: ({ to }, execute) =>
    hmp(
      execute,
      `gdbserver ${to === undefined ? 'none' : `chardev:${to}`}`,
      /^Waiting for gdb|^Disabled gdbserver/,
    ),
};

export const profileChange: PossibleChange<MachineProfile> = {
  kind: 'live',
  commands: ['human-monitor-command'],
  reason: 'maps and dumps for perf hold what is translated from the beginning',
  plan: ({ from, to }) =>
    (from?.perfmap ?? false) === (to?.perfmap ?? false) && (from?.jitdump ?? false) === (to?.jitdump ?? false)
      ? applied
      : {
          result: 'needs-restart',
          reason: 'maps and dumps for perf hold what is translated from the beginning',
        },
  apply: ({ to }, execute) => hmp(execute, `sync-profile ${to?.sync === true ? 'on' : 'off'}`),
};

/** Id of the object that stands for the option. */
export const qtestId = 'qmpd-qtest';

/** QEMU aborts when the object is deleted while it is in use, which it is from the beginning. */
const qtestStays = 'QEMU cannot let go of the one that it has';

export const qtestChange: PossibleChange<MachineQtest> = {
  kind: 'live',
  commands: ['object-add'],
  reason: qtestStays,
  plan: ({ from }) => (from === undefined ? applied : { result: 'needs-restart', reason: qtestStays }),
  apply: async ({ to }, execute) => {
    if (to !== undefined) await execute('object-add', { 'qom-type': 'qtest', id: qtestId, ...to });
  },
};
