// docs/options.md: where each option of QEMU's command line is in QMP, made from the tables that the program uses.

import { optionTable } from '../../src/machine/option-table/index.ts';
import type { QemuOption } from '../../src/machine/option-table/qemu-options.ts';
import { qemuOptions } from '../../src/machine/option-table/qemu-options.ts';

const introduction = `# QEMU's options over QMP

Every option of QEMU's command line, and how a client of qmpd says the same: by
[\`machine-set\`](reference/machine-set.md), which takes every option of a machine as typed data, or by a command.
While there is no machine, everything is declared, in any order. Of a machine that exists, \`machine-set\` changes what
can be changed and answers for each option: \`applied\`, \`needs-reset\`, \`needs-restart\` (it is kept for the next
machine) or \`refused\`, with the reason. \`query-machine-options\` gives the second table over the wire.

This page is made from the tables that the program itself uses (\`npm test -- options-page --update\`).
`;

const code = (name: string): string => `\`${name}\``;

function howBefore({ options = [], commands = [], form, instead }: QemuOption): string {
  if (instead !== undefined) return instead;
  const names = [...options, ...commands].map(code).join(', ');
  return form === undefined ? names : `${names}: ${form}`;
}

interface After {
  readonly kind: string;
  /** Commands that come near where the option as such cannot change. */
  readonly near: readonly string[];
}

export function afterwards({ options = [], commands = [], instead }: QemuOption): After {
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

function machineRow({ name, engines, change }: (typeof optionTable)[number]): string {
  const commands = change.commands.map(code).join(', ');
  return `| ${code(name)} | ${engines.join(', ')} | ${change.kind} | ${change.reason ?? ''} | ${commands} |`;
}

export function optionsPage(): string {
  const current = qemuOptions.filter(({ only }) => only !== 'older');
  const typed = current.filter(({ instead }) => instead === undefined);
  const stockBefore = current.filter(({ stock }) => stock[0] !== 'none');
  const stockAfter = current.filter(({ stock }) => stock[1] !== 'none');
  const live = typed.filter((option) => afterwards(option).kind !== 'needs-restart');
  const near = typed.filter((option) => afterwards(option).near.length > 0);
  return [
    introduction,
    `Of the ${current.length} options of QEMU 10.2, QEMU by itself takes ${stockBefore.length} over QMP before there`,
    `is a machine, fully or in part, and ${stockAfter.length} afterwards. qmpd takes ${typed.length} before; afterwards it`,
    `changes ${live.length}, fully or in part, for ${near.length} more there are commands that come near, and for all of`,
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
