// Where the arguments of a command name file descriptors that getfd brought. QEMU's names are one space for all our
// clients, so each name is replaced by one that qmpd chose on its way. Which members are such places is in the command's traits
// (../traits.ts); a SocketAddress is found by its form, wherever it is.

import type { MemberPath, Replacement } from '../../json/source.ts';
import { stringText } from '../../json/string-text.ts';
import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { QmpError } from '../error.ts';
import type { CommandTraits, DescriptorPlace } from '../traits.ts';

/** One text in a command's arguments that holds names of descriptors. */
export interface DescriptorUse {
  /** From the arguments on. */
  readonly path: MemberPath;
  readonly names: readonly string[];
  /** The text with other names. */
  rename(name: (old: string) => string): string;
}

const none: readonly DescriptorUse[] = [];

/** Throws a QmpError for a raw number where a name is meant: it would be a number of QEMU's own descriptors. */
export function descriptorUses(
  command: string,
  { descriptors }: Pick<CommandTraits, 'descriptors'>,
  args: JsonValue | undefined,
): readonly DescriptorUse[] {
  if (!isJsonObject(args)) return none;
  const uses = socketAddresses(args, []);
  for (const { member, form } of descriptors ?? []) {
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

function useOf(path: MemberPath, form: DescriptorPlace['form'], text: string): DescriptorUse | undefined {
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
