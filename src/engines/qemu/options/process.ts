// How the machine begins and ends, and the process that runs it (QEMU: -action, -no-reboot, -no-shutdown,
// -watchdog-action, -S, -incoming, -loadvm, -only-migratable, -seed, -L, -pidfile, -run-with, -chroot, -runas,
// -async-teardown, -overcommit, -sandbox, -xen-domid, -xen-attach, -xen-domid-restrict, -semihosting-config,
// -old-param).

import type { JsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import type {
  MachineOvercommit,
  MachineProcess,
  MachineSandbox,
  MachineSemihosting,
  MachineXen,
} from '../../../schema/index.ts';
import { actionChange, incomingChange } from './changes/process.ts';
import { incomingDescriptor } from './incoming.ts';
import { type Creation, fixed, type MachineOption, option, type QemuRelease } from './option.ts';
import { each, flag, pairs, pairsOf, text } from './words.ts';

function processWords(value: MachineProcess, { qemu }: Creation): readonly string[] {
  const { name, 'debug-threads': debugThreads, pidfile, ...runWith } = value;
  const names: JsonObject = {};
  if (name !== undefined) names.process = name;
  if (debugThreads !== undefined) names['debug-threads'] = debugThreads;
  return [
    ...pairsOf('-name', names),
    ...(pidfile === undefined ? [] : ['-pidfile', pidfile]),
    ...runWithWords(runWith, qemu),
  ];
}

type RunWith = Pick<MachineProcess, 'chroot' | 'user' | 'async-teardown'>;

/** What is one option since 9.0 were three before. */
function runWithWords(runWith: RunWith, { major }: QemuRelease): readonly string[] {
  if (major >= 9) return pairsOf('-run-with', runWith);
  const { chroot, user, 'async-teardown': teardown } = runWith;
  return [
    ...(chroot === undefined ? [] : ['-chroot', chroot]),
    ...(user === undefined ? [] : ['-runas', user]),
    ...(teardown === true ? ['-async-teardown'] : []),
  ];
}

function overcommitWords(value: MachineOvercommit, { qemu }: Creation): readonly string[] {
  if (value['mem-lock'] === 'on-fault' && qemu.major < 10) {
    throw new QmpError("Option 'overcommit': 'on-fault' needs QEMU 10.0 or newer");
  }
  return pairsOf('-overcommit', value);
}

function sandboxWords({ enable, ...rules }: MachineSandbox): readonly string[] {
  return enable ? pairsOf('-sandbox', rules, 'on') : ['-sandbox', 'off'];
}

function xenWords({ domid, attach, 'domid-restrict': restrict }: MachineXen): readonly string[] {
  return [
    ...(domid === undefined ? [] : ['-xen-domid', String(domid)]),
    ...(attach === true ? ['-xen-attach'] : []),
    ...(restrict === true ? ['-xen-domid-restrict'] : []),
  ];
}

function semihostingWords({ arguments: args = [], ...members }: MachineSemihosting): readonly string[] {
  const [option = '', word = ''] = pairsOf('-semihosting-config', members);
  return [option, [word, ...args.map((arg) => `arg=${arg.replaceAll(',', ',,')}`)].join(',')];
}

/** The place is told when the machine is there (creation-plan.ts). */
function incomingWords(place: string): readonly string[] {
  incomingDescriptor(place);
  return ['-incoming', 'defer'];
}

const fixedProcess = fixed('a process is set up when it starts');

export const processOptions: readonly MachineOption[] = [
  option({ name: 'action', toWords: pairs('-action'), change: actionChange }),
  option({
    name: 'autostart',
    // The engine creates every machine stopped; what starts it is not a word of the command line.
    toWords: () => [],
    change: fixed('the machine has been created', 'cont', 'stop'),
  }),
  option({
    name: 'incoming',
    toWords: incomingWords,
    descriptors: (place: string) => [incomingDescriptor(place)].filter((name) => name !== undefined),
    change: incomingChange,
  }),
  option({
    name: 'loadvm',
    toWords: text('-loadvm'),
    change: fixed('the machine has begun', 'snapshot-load'),
  }),
  option({
    name: 'only-migratable',
    toWords: flag('-only-migratable'),
    change: fixed('devices that cannot be migrated may be there already'),
  }),
  option({
    name: 'seed',
    toWords: text('-seed'),
    change: fixed('random numbers have been drawn already'),
  }),
  option({
    name: 'data-directories',
    toWords: each(text('-L')),
    change: fixed('firmware is looked for when the machine is created'),
  }),
  option({ name: 'process', toWords: processWords, change: fixedProcess }),
  option({ name: 'overcommit', toWords: overcommitWords, change: fixedProcess }),
  option({
    name: 'sandbox',
    toWords: sandboxWords,
    change: fixed('a filter for system calls cannot be taken away'),
  }),
  option({ name: 'xen', toWords: xenWords, change: fixedProcess }),
  option({
    name: 'semihosting',
    toWords: semihostingWords,
    change: fixed('CPUs are made with or without it'),
  }),
  option({
    name: 'old-param',
    toWords: flag('-old-param'),
    change: fixed('the kernel gets its parameters when it starts'),
  }),
];
