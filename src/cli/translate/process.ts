// How the machine begins and ends, the process that runs it, and what it tells of itself, as options of machine-set.

import { jsonIn, pairsIn, recordOf, treeOf } from '../../engines/qemu/options/key-values.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import type { MachineOptionName } from '../../schema/index.ts';
import { word } from './boot.ts';
import type { Draft, Translator, TranslatorEntry } from './draft.ts';

/** Merges the pairs into an option that is an object. */
function pairs(name: MachineOptionName, implied?: string): Translator {
  return (draft, text) => draft.merge(name, jsonIn(text) ?? recordOf(pairsIn(text, implied)));
}

/** Merges fixed members. */
function members(name: MachineOptionName, value: Record<string, JsonValue>): Translator {
  return (draft) => draft.merge(name, jsonObject(value));
}

/** The word is one member. */
function member(name: MachineOptionName, key: string): Translator {
  return (draft, text) => draft.merge(name, jsonObject({ [key]: text }));
}

function name(draft: Draft, text: string): void {
  const { guest, process, 'debug-threads': debugThreads } = recordOf(pairsIn(text, 'guest'));
  if (guest !== undefined) draft.set('name', guest);
  if (process !== undefined) draft.merge('process', jsonObject({ name: process }));
  if (debugThreads !== undefined) draft.merge('process', jsonObject({ 'debug-threads': debugThreads }));
}

function sandbox(draft: Draft, text: string): void {
  draft.set('sandbox', recordOf(pairsIn(text, 'enable')));
}

function semihosting(draft: Draft, text: string): void {
  const given = pairsIn(text, 'enable');
  const args = given.filter(([key]) => key === 'arg').map(([, value]) => value);
  const rest = recordOf(given.filter(([key]) => key !== 'arg'));
  draft.set('semihosting', jsonObject({ ...rest, ...(args.length === 0 ? {} : { arguments: args }) }));
}

function filter(draft: Draft, text: string): void {
  const ranges = text.split(',').map((range) => {
    const match = /^(0x[\da-f]+|\d+)(\.\.|\+|-)(0x[\da-f]+|\d+)$/i.exec(range);
    if (match === null)
      throw new QmpError(
        `-dfilter: expected a range such as 0x1000..0x1fff, 0x1000+0x100 or 0x2000-0x100, got '${range}'`,
      );
    const [first, last] = [BigInt(match[1] ?? 0), BigInt(match[3] ?? 0)];
    if (match[2] === '..') return jsonObject({ from: integer(first), to: integer(last) });
    if (match[2] === '+') return jsonObject({ from: integer(first), to: integer(first + last - 1n) });
    return jsonObject({ from: integer(first - last + 1n), to: integer(first) });
  });
  draft.merge('log', jsonObject({ filter: ranges }));
}

function integer(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function trace(draft: Draft, text: string): void {
  const { enable, ...others } = recordOf(pairsIn(text, 'enable'));
  const former = draft.options.trace as JsonObject | undefined;
  const enabled = Array.isArray(former?.enable) ? former.enable : [];
  draft.merge(
    'trace',
    jsonObject({ ...others, ...(enable === undefined ? {} : { enable: [...enabled, enable] }) }),
  );
}

function plugin(draft: Draft, text: string): void {
  const { file = '', ...rest } = recordOf(pairsIn(text, 'file'));
  const args = Object.keys(rest).length === 0 ? {} : { arguments: jsonObject(rest) };
  draft.push('plugin', jsonObject({ file, ...args }));
}

function incoming(draft: Draft, text: string): void {
  if (text.startsWith('{') || !/^(defer$|[a-z-]+:)/.test(text)) {
    draft.set('incoming', 'defer');
    draft.lost('channels in JSON or key=value form: give them by migrate-incoming');
    return;
  }
  if (text.startsWith('fd:')) draft.lost(`descriptor ${text.slice(3)} is not in qmpd's machine`);
  draft.set('incoming', text);
}

function addFd(draft: Draft, text: string): void {
  const { fd = '', set = '' } = recordOf(pairsIn(text));
  draft.lost(`descriptor ${String(fd)} has to be sent with the command add-fd fdset-id=${String(set)}`);
}

function nothing(text: string): Translator {
  return (draft) => draft.lost(text);
}

export const processTranslators: readonly TranslatorEntry[] = [
  ['-name', name],
  ['-uuid', word('uuid')],
  ['-action', pairs('action')],
  ['-no-reboot', members('action', { reboot: 'shutdown' })],
  ['-no-shutdown', members('action', { shutdown: 'pause' })],
  ['-watchdog-action', member('action', 'watchdog')],
  ['-incoming', incoming],
  ['-loadvm', word('loadvm')],
  ['-only-migratable', (draft) => draft.set('only-migratable', true)],
  ['-seed', word('seed')],
  ['-L', (draft, text) => draft.push('data-directories', text)],
  ['-pidfile', member('process', 'pidfile')],
  ['-run-with', pairs('process')],
  ['-chroot', member('process', 'chroot')],
  ['-runas', member('process', 'user')],
  ['-async-teardown', members('process', { 'async-teardown': true })],
  ['-overcommit', pairs('overcommit')],
  ['-sandbox', sandbox],
  ['-xen-domid', member('xen', 'domid')],
  ['-xen-attach', members('xen', { attach: true })],
  ['-xen-domid-restrict', members('xen', { 'domid-restrict': true })],
  ['-semihosting', members('semihosting', { enable: true })],
  ['-semihosting-config', semihosting],
  ['-old-param', (draft) => draft.set('old-param', true)],
  ['-d', (draft, text) => draft.merge('log', jsonObject({ items: text.split(',') }))],
  ['-D', member('log', 'file')],
  ['-dfilter', filter],
  ['-trace', trace],
  ['-plugin', plugin],
  ['-msg', pairs('messages')],
  ['-compat', (draft, text) => draft.merge('compat', jsonIn(text) ?? treeOf(pairsIn(text)))],
  ['-perfmap', members('profile', { perfmap: true })],
  ['-jitdump', members('profile', { jitdump: true })],
  ['-enable-sync-profile', members('profile', { sync: true })],
  ['-add-fd', addFd],
  ['-S', () => undefined],
  ['-preconfig', () => undefined],
  ['-nographic', () => undefined],
  ['-daemonize', (draft) => draft.changed('a machine of qmpd has no terminal; qmpd itself: --daemonize')],
  ['-readconfig', nothing('the file was not read: give what it says as options')],
  ['-dump-vmstate', nothing('QEMU would write a file and end; over QMP: query-vmstate-description')],
  ['-help', nothing('it prints and ends; over QMP: query-qmp-schema, qom-list-types')],
  ['-h', nothing('it prints and ends; over QMP: query-qmp-schema, qom-list-types')],
  ['-version', nothing('it prints and ends; over QMP: query-version')],
  ['-audio-help', nothing('it prints and ends')],
];
