// The page docs/qapi-differences.md: how our schema and QEMU 10.0's differ where both define a command or event.
// `node scripts/test.mjs differences --update` writes it anew; it needs that QEMU.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commands } from '../../src/commands/handlers/index.ts';
import type { Schema, SchemaChange } from '../../src/qapi/index.ts';
import { diffSchemas, parseSchemaInfo, schemaOfIntrospection } from '../../src/qapi/index.ts';
import { schema as own } from '../../src/schema/index.ts';
import { QemuUnderTest, qemuBinaries } from '../kit/qemu/qemu-under-test.ts';
import { otherBuild } from '../kit/qemu/recorded-builds.ts';

const page = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../docs/qapi-differences.md');
const binary = qemuBinaries.find((candidate) => candidate.label === 'QEMU 10.0');

function rootNames(schema: Schema): Set<string> {
  const roots = schema.definitions.filter(({ kind }) => kind === 'command' || kind === 'event');
  return new Set(roots.map((root) => root.name));
}

function onlyWith(schema: Schema, roots: ReadonlySet<string>): Schema {
  const definitions = schema.definitions.filter(
    ({ kind, name }) => (kind !== 'command' && kind !== 'event') || roots.has(name),
  );
  return { ...schema, definitions };
}

/** Values that came or went at one place are told together. */
function linesOf(changes: readonly SchemaChange[]): string[] {
  const grouped = new Map<string, string[]>();
  for (const { place, what } of changes) {
    const last = place.at(-1) ?? '';
    const value = /^value '(.*)'$/.exec(last)?.[1];
    const where = place.slice(1, value === undefined ? undefined : -1).join(', ');
    const key = value === undefined ? `${where}\0${what}` : `${where}\0values\0${what.split(' ')[0]}`;
    grouped.set(key, [...(grouped.get(key) ?? []), value === undefined ? '' : `\`${value}\``]);
  }
  return [...grouped].map(([key, values]) => {
    const [where = '', what = '', verb = ''] = key.split('\0');
    const place = where === '' ? '' : `${where}: `;
    if (what !== 'values') return `- ${place}${what}`;
    return `- ${place}${verb === 'went' ? 'without' : 'also'} ${values.join(', ')}`;
  });
}

/** Whose definition clients see with a QEMU behind. */
function noteOn(kind: string, name: string): string {
  const command = commands.get(name);
  if (kind === 'event' || command?.kind === 'own') return '';
  if (command?.isOwn === undefined) {
    return ' (with QEMU behind, QEMU answers it, and its own schema is shown)';
  }
  return " (with QEMU behind, QEMU's schema is shown, with what qmpd adds)";
}

function textOf(changes: readonly SchemaChange[]): string {
  const byRoot = new Map<string, SchemaChange[]>();
  for (const change of changes) {
    const root = change.place[0] ?? '';
    byRoot.set(root, [...(byRoot.get(root) ?? []), change]);
  }
  const sections = [...byRoot]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([root, list]) => {
      const [kind = '', name = ''] = root.split(' ');
      return `## ${kind.charAt(0).toUpperCase()}${kind.slice(1)} \`${name}\`${noteOn(kind, name)}\n\n${linesOf(list).join('\n')}\n`;
    });
  return `# Where qmpd's schema differs from QEMU's

Commands and events that both qmpd and QEMU 10.0 define, and what is different in qmpd's definition. "went" or "without" is what only QEMU has, "came" or "also" what only qmpd has. With a QEMU behind, \`query-qmp-schema\` shows qmpd's definition of what qmpd always answers itself, QEMU's of the rest; what qmpd adds to arguments is added to QEMU's: the types of objects that live in qmpd to \`object-add\`, the backend \`console\` to \`chardev-add\` and \`chardev-change\`. What is not listed here is the same in both.

${sections.join('\n')}`;
}

test('the page of differences to QEMU 10.0 is what the two schemas say', {
  skip: binary === undefined && 'QEMU 10.0 is not there (scripts/install-backports-qemu.sh)',
}, async (context) => {
  assert.ok(binary !== undefined);
  await using qemu = await QemuUnderTest.start(binary, ['-M', 'none', '-nodefaults', '-display', 'none']);
  const { package: thisBuild } = await qemu.execute<{ package: string }>('query-version');
  const other = otherBuild('10.0', thisBuild);
  if (other !== false) {
    context.skip(other);
    return;
  }
  const theirs = schemaOfIntrospection(parseSchemaInfo(await qemu.execute('query-qmp-schema')));
  const [ownNames, theirNames] = [rootNames(own), rootNames(theirs)];
  const text = textOf(diffSchemas(onlyWith(theirs, ownNames), onlyWith(own, theirNames)));
  if (process.env.QMPD_UPDATE === '1') writeFileSync(page, text);
  assert.equal(text, readFileSync(page, 'utf8'));
});
