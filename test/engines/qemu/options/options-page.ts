// docs/options.md: where each option of QEMU's command line is in QMP, made from the tables that the program uses.

import type { QemuOption } from '../../../../src/cli/translate/qemu-options.ts';
import { qemuOptions } from '../../../../src/cli/translate/qemu-options.ts';
import { embeddedOptions } from '../../../../src/engines/embedded/options.ts';
import { optionTable } from '../../../../src/engines/qemu/options/index.ts';

const introduction = `# QEMU's options over QMP

Every option of QEMU's command line, and how a client of qmpd says the same: by
[\`machine-set\`](reference/machine-set.md), which takes every option of a machine as typed data, or by a command.
While there is no machine, everything is declared, in any order. Of a machine that exists, \`machine-set\` changes what
can be changed and answers for each option: \`applied\`, \`needs-reset\`, \`needs-restart\` (it is kept for the next
machine) or \`refused\`, with the reason. \`query-machine-options\` gives the second table over the wire.

**Prepared without being asked**, because it costs next to nothing and the guest does not see it: a VNC server that waits
to be told an address (\`vnc\`; QEMU before 9.0 and a machine without a window: a newer one has to be created with
\`vnc={}\`). What the guest would see is prepared only when it is asked for: room for CPUs (\`smp.maxcpus\`) and for memory
(\`memory.slots\`, \`memory.max-size\`), ports for PCI Express cards (\`device_add driver=pcie-root-port\` before creation; the
\`pc\` type has free slots), and to wait for a migration (\`incoming=defer\`).

This page is made from the tables that the program itself uses (\`npm test -- options-page --update\`).
`;

const code = (name: string): string => `\`${name}\``;

function howBefore({ options = [], commands = [], form, program, instead }: QemuOption): string {
  if (program !== undefined) return program[0];
  if (instead !== undefined) return instead;
  const names = [...options, ...commands].map(code).join(', ');
  return form === undefined ? names : `${names}: ${form}`;
}

interface After {
  readonly kind: string;
  /** Commands that come near where the option as such cannot change. */
  readonly near: readonly string[];
}

export function afterwards({ options = [], commands = [], program, instead }: QemuOption): After {
  if (program !== undefined) return { kind: program[1], near: [] };
  if (instead !== undefined) return { kind: '', near: [] };
  const changes = optionTable.filter(({ name }) => options.includes(name)).map(({ change }) => change);
  const best = ['live', 'needs-reset'].find((kind) => changes.some((change) => change.kind === kind));
  if (best !== undefined) return { kind: best, near: [] };
  if (options.length === 0) return { kind: 'at any time', near: [] };
  return { kind: 'needs-restart', near: [...commands, ...changes.flatMap((change) => change.commands)] };
}

function howAfter(option: QemuOption): string {
  const { kind, near } = afterwards(option);
  return near.length === 0 ? kind : `${kind}; near it: ${[...new Set(near)].map(code).join(', ')}`;
}

function qemuRow(option: QemuOption): string {
  const { name, stock, only } = option;
  const age = only === undefined ? '' : only === 'older' ? ' (older releases)' : ' (newer releases)';
  return `| ${code(name)}${age} | ${stock[0]} | ${stock[1]} | ${howBefore(option)} | ${howAfter(option)} |`;
}

function machineRow({ name, change }: (typeof optionTable)[number]): string {
  const commands = change.commands.map(code).join(', ');
  return `| ${code(name)} | ${embeddedOptions.supports(name) === true ? 'qemu, embedded' : 'qemu'} | ${change.kind} | ${change.reason ?? ''} | ${commands} |`;
}

interface Counts {
  /** Of QEMU 10.2. */
  readonly all: number;
  /** What QEMU by itself takes over QMP, fully or in part. */
  readonly stock: readonly [before: number, after: number];
  readonly before: number;
  /** Changed while the machine exists, fully or in part. */
  readonly after: number;
  /** Of the others, those that some command comes near. */
  readonly near: number;
}

function counts(): Counts {
  const current = qemuOptions.filter(({ only }) => only !== 'older');
  const taken = current.filter(({ instead }) => instead === undefined);
  const count = (condition: (option: QemuOption) => boolean): number => taken.filter(condition).length;
  return {
    all: current.length,
    stock: [count(({ stock }) => stock[0] !== 'none'), count(({ stock }) => stock[1] !== 'none')],
    before: taken.length,
    after: count((option) => /^(live|needs-reset|at any time)/.test(afterwards(option).kind)),
    near: count((option) => afterwards(option).near.length > 0),
  };
}

/** The line of README.md that begins with `readmeStart`. */
export const readmeStart = "| set QEMU's command line options by QMP";

export function readmeLine(): string {
  const { all, before, after } = counts();
  const what = `${before} of ${all} before creation, ${after} while the guest runs, a reason for each of the others`;
  return `${readmeStart}: ${what} | [docs/options.md](docs/options.md) |`;
}

export function optionsPage(): string {
  const { all, stock, before, after, near } = counts();
  return [
    introduction,
    `Of the ${all} options of QEMU 10.2, QEMU by itself takes ${stock[0]} over QMP before there`,
    `is a machine, fully or in part, and ${stock[1]} afterwards. qmpd takes ${before} before; afterwards it`,
    `changes ${after}, fully or in part, for ${near} more there are commands that come near, and for all of`,
    'them a reason is given.',
    '',
    "## QEMU's options",
    '',
    '| option | QEMU alone, before | QEMU alone, after | qmpd, before | qmpd, after |',
    '| --- | --- | --- | --- | --- |',
    ...qemuOptions.map(qemuRow),
    '',
    '## Options of `machine-set`',
    '',
    '| option | engines | in a machine of QEMU | reason | commands |',
    '| --- | --- | --- | --- | --- |',
    ...optionTable.map(machineRow),
    '',
  ].join('\n');
}
