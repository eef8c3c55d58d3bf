// What QEMU tells of itself and of the guest (QEMU: -d, -D, -dfilter, -trace, -gdb, -s, -plugin, -perfmap, -jitdump,
// -enable-sync-profile, -qtest, -qtest-log, -msg, -compat).

import type { JsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import type {
  MachineLog,
  MachinePlugin,
  MachineProfile,
  MachineQtest,
  MachineTrace,
} from '../../../schema/index.ts';
import {
  gdbChange,
  logChange,
  profileChange,
  qtestChange,
  qtestId,
  traceChange,
} from './changes/diagnostics.ts';
import { type Creation, fixed, type MachineOption, option } from './option.ts';
import { each, json, membersOf, pairs, pairsOf } from './words.ts';

function logWords({ items, file, filter = [] }: MachineLog): readonly string[] {
  const ranges = filter.map(({ from, to }) => `0x${from.toString(16)}..0x${to.toString(16)}`);
  return [
    ...(items === undefined ? [] : ['-d', items.join(',')]),
    ...(file === undefined ? [] : ['-D', file]),
    ...(ranges.length === 0 ? [] : ['-dfilter', ranges.join(',')]),
  ];
}

function traceWords({ enable = [], events, file }: MachineTrace): readonly string[] {
  return [
    ...enable.flatMap((pattern) => pairsOf('-trace', { enable: pattern })),
    ...(events === undefined ? [] : pairsOf('-trace', { events })),
    ...(file === undefined ? [] : pairsOf('-trace', { file })),
  ];
}

function profileWords({ perfmap, jitdump, sync }: MachineProfile, { qemu }: Creation): readonly string[] {
  if ((perfmap === true || jitdump === true) && qemu.major < 8) {
    throw new QmpError("Option 'profile': QEMU writes maps and dumps for perf since 8.0");
  }
  return [
    ...(perfmap === true ? ['-perfmap'] : []),
    ...(jitdump === true ? ['-jitdump'] : []),
    ...(sync === true ? ['-enable-sync-profile'] : []),
  ];
}

function pluginWords({ file, arguments: args }: MachinePlugin): readonly string[] {
  const rest: JsonObject = membersOf(args, 'plugin.arguments');
  return pairsOf('-plugin', { file, ...rest });
}

/** As an object, since -qtest itself cannot take a chardev that is there already. */
function qtestWords(qtest: MachineQtest): readonly string[] {
  return pairsOf('-object', { id: qtestId, ...qtest }, 'qtest');
}

export const diagnosticOptions: readonly MachineOption[] = [
  option({ name: 'log', toWords: logWords, change: logChange }),
  option({ name: 'trace', toWords: traceWords, change: traceChange }),
  option({ name: 'gdb', toWords: (id: string) => ['-gdb', `chardev:${id}`], change: gdbChange }),
  option({ name: 'profile', toWords: profileWords, change: profileChange }),
  option({
    name: 'plugin',
    toWords: each(pluginWords),
    change: fixed('plugins see code when it is translated, from the beginning'),
  }),
  option({ name: 'qtest', toWords: qtestWords, change: qtestChange }),
  option({ name: 'messages', toWords: pairs('-msg'), change: fixed('QEMU reads it when it starts') }),
  option({ name: 'compat', toWords: json('-compat'), change: fixed('QEMU reads it when it starts') }),
];
