// Where commands name file descriptors that getfd brought (QEMU: monitor_fd_param, monitor_get_fd, socket_get_fd and
// their callers), and where they name fdsets. QEMU's names are one space for all our clients, so each name is replaced
// by one of ours on its way; which places there are is this table. A SocketAddress is found by its form, wherever it is.

import type { MemberPath, Replacement } from '../../../json/source.ts';
import { stringText } from '../../../json/string-text.ts';
import { isJsonObject, type JsonValue } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';

/** How a member's text holds the name: alone; several with ':' between; after "fd:" of a migration URI. */
type Form = 'name' | 'colon-list' | 'uri';

interface Place {
  readonly member: string;
  readonly form: Form;
}

const places: ReadonlyMap<string, readonly Place[]> = new Map([
  ['add_client', [{ member: 'fdname', form: 'name' }]],
  ['device_add', [named('fd'), named('vhostfd'), named('ebpf-rss-fds')]],
  ['dump-guest-memory', [{ member: 'protocol', form: 'uri' }]],
  ['migrate', [{ member: 'uri', form: 'uri' }]],
  ['migrate-incoming', [{ member: 'uri', form: 'uri' }]],
  [
    'netdev_add',
    [
      named('fd'),
      named('vhostfd'),
      { member: 'fds', form: 'colon-list' },
      { member: 'vhostfds', form: 'colon-list' },
      { member: 'sock-fds', form: 'colon-list' },
    ],
  ],
  ['object-add', [named('fd')]],
]);

function named(member: string): Place {
  return { member, form: 'name' };
}

/** One text in a command's arguments that holds names of descriptors. */
export interface DescriptorUse {
  /** From the arguments on. */
  readonly path: MemberPath;
  readonly names: readonly string[];
  /** The text with other names. */
  rename(name: (old: string) => string): string;
}

/** Throws a QmpError for a raw number where a name is meant: it would be a number of QEMU's own descriptors. */
export function descriptorUses(command: string, args: JsonValue | undefined): DescriptorUse[] {
  if (!isJsonObject(args)) return [];
  const uses = socketAddresses(args, []);
  for (const { member, form } of places.get(command) ?? []) {
    const value = args[member];
    const texts: [MemberPath, JsonValue][] = Array.isArray(value)
      ? value.map((element, index): [MemberPath, JsonValue] => [[member, index], element])
      : [[[member], value ?? null]];
    for (const [path, text] of texts) {
      const use = typeof text === 'string' ? useOf(path, form, text) : undefined;
      if (use !== undefined) uses.push(use);
    }
  }
  for (const use of uses) for (const name of use.names) refuseNumber(command, use.path, name);
  return uses;
}

/** What takes the place of the names in the text of the arguments. */
export function renaming(uses: readonly DescriptorUse[], name: (old: string) => string): Replacement[] {
  return uses.map((use) => ({ path: use.path, json: stringText(use.rename(name)) }));
}

function useOf(path: MemberPath, form: Form, text: string): DescriptorUse | undefined {
  switch (form) {
    case 'name':
      return { path, names: [text], rename: (name) => name(text) };
    case 'colon-list': {
      const names = text.split(':');
      return { path, names, rename: (name) => names.map(name).join(':') };
    }
    case 'uri': {
      if (!text.startsWith('fd:')) return undefined;
      const old = text.slice('fd:'.length);
      return { path, names: [old], rename: (name) => `fd:${name(old)}` };
    }
  }
}

/** SocketAddress is {"type": "fd", "str": NAME}, SocketAddressLegacy {"type": "fd", "data": {"str": NAME}}. */
function socketAddresses(value: JsonValue, path: MemberPath): DescriptorUse[] {
  if (Array.isArray(value))
    return value.flatMap((element, index) => socketAddresses(element, [...path, index]));
  if (!isJsonObject(value)) return [];
  if (value.type === 'fd') {
    const legacy = isJsonObject(value.data) ? value.data : undefined;
    const text = legacy === undefined ? value.str : legacy.str;
    const use =
      typeof text === 'string'
        ? useOf([...path, ...(legacy === undefined ? ['str'] : ['data', 'str'])], 'name', text)
        : undefined;
    return use === undefined ? [] : [use];
  }
  return Object.entries(value).flatMap(([key, member]) => socketAddresses(member, [...path, key]));
}

function refuseNumber(command: string, path: MemberPath, name: string): void {
  if (!/^[0-9]/.test(name)) return;
  throw new QmpError(
    `Parameter '${path.join('.')}' of ${command} is the number '${name}', which would mean a descriptor of QEMU's own; give the name of one that getfd brought`,
  );
}
