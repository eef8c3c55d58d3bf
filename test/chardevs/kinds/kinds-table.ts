// The table of docs/chardevs.md, made from the descriptors that the program uses.

import type { AnyChardevKind } from '../../../src/chardevs/kind.ts';
import { allChardevKinds } from '../../../src/chardevs/kinds/index.ts';

const places = { both: 'qmpd, QEMU', qmpd: 'qmpd', engine: 'QEMU' } as const;

const code = (name: string): string => `\`${name}\``;

/** A member, with its words where they are called otherwise. */
function member([name, { words }]: [string, AnyChardevKind['words'][string]]): string {
  const others = Object.entries(words)
    .filter(([word]) => word !== name)
    .map(([word, kind]) => code(kind === 'list' ? `${word}.0` : word));
  return others.length === 0 ? code(name) : `${code(name)} (${others.join(', ')})`;
}

function row(kind: AnyChardevKind): string {
  const members = Object.entries(kind.words).map(member).join(', ');
  return `| ${code(kind.type)} | ${places[kind.livesIn]} | ${members} | ${kind.notes} |`;
}

export function kindsTable(): string {
  return [
    '| type | made by | members (words of `-chardev`, where they differ) | notes |',
    '|---|---|---|---|',
    ...allChardevKinds.map(row),
  ].join('\n');
}
