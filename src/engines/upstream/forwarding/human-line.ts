// What a line of QEMU's human monitor asks for, as the arguments of the QMP command that does the same: only the
// commands whose arguments can do harm (guard-rails.ts), and only as exactly as that needs (QEMU: hmp-commands.hx,
// util/qemu-option.c). It is not for carrying lines out.

import { parseJson } from '../../../json/parse.ts';
import { isJsonObject, type JsonObject, jsonObject } from '../../../json/value.ts';

export interface HumanCommand {
  readonly command: string;
  readonly arguments: JsonObject;
}

type Reader = (words: readonly string[]) => JsonObject;

const readers: Readonly<Record<string, readonly [command: string, read: Reader]>> = {
  object_add: ['object-add', ([text = '']) => optionsOf(text, 'qom-type')],
  object_del: ['object-del', ([id = '']) => jsonObject({ id })],
  device_add: ['device_add', ([text = '']) => optionsOf(text, 'driver')],
  netdev_add: ['netdev_add', ([text = '']) => optionsOf(text, 'type')],
  drive_add: ['blockdev-add', (words) => optionsOf(words.at(-1) ?? '', 'file')],
  migrate: ['migrate', (words) => jsonObject({ uri: words.at(-1) ?? '' })],
  migrate_incoming: ['migrate-incoming', ([uri = '']) => jsonObject({ uri })],
  'chardev-add': ['chardev-add', ([text = '']) => chardevOf(text)],
  'chardev-change': ['chardev-change', ([_id, text = '']) => chardevOf(text)],
  'qom-set': ['qom-set', (words) => qomSetOf(words.filter((word) => word !== '-j'))],
  calc_dirty_rate: ['calc-dirty-rate', dirtyRateOf],
};

/** Undefined for a line that is not one of these commands. */
export function humanCommand(line: string): HumanCommand | undefined {
  const [name = '', ...words] = wordsOf(line);
  const known = Object.hasOwn(readers, name) ? readers[name] : undefined;
  return known === undefined ? undefined : { command: known[0], arguments: known[1](words) };
}

/** Separated by blanks; '"' keeps blanks together, and JSON is one word. */
function wordsOf(line: string): string[] {
  const json = /^\s*(\S+)\s+(\{.*)$/s.exec(line);
  if (json !== null) return [json[1] ?? '', json[2] ?? ''];
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

/** "TYPE,key=value,flag": the first part may leave its key out, two commas are one in a value. */
function optionsOf(text: string, firstKey: string): JsonObject {
  const json = text.startsWith('{') ? parseJson(text) : undefined;
  if (isJsonObject(json)) return json;
  const parts = [...text.matchAll(/(?:,,|[^,])+/g)].map(([part]) => part.replaceAll(',,', ','));
  return jsonObject(
    Object.fromEntries(
      parts.map((part, index): [string, string] => {
        const at = part.indexOf('=');
        if (at >= 0) return [part.slice(0, at), part.slice(at + 1)];
        return index === 0 ? [firstKey, part] : flagOf(part);
      }),
    ),
  );
}

/** "server" is server=on, "nowait" is wait=off. */
function flagOf(word: string): [string, string] {
  return word.startsWith('no') && word !== 'nodelay' ? [word.slice(2), 'off'] : [word, 'on'];
}

/** Here a server waits unless it is told not to. */
function chardevOf(text: string): JsonObject {
  const { backend: type, id, ...data } = optionsOf(text, 'backend');
  const server = isOn(data.server ?? 'off');
  const wait = server && isOn(data.wait ?? 'on');
  return jsonObject({
    id: id ?? '',
    backend: jsonObject({ type: type ?? '', data: jsonObject({ ...data, server, wait }) }),
  });
}

function isOn(value: unknown): boolean {
  return typeof value === 'string' && ['on', 'yes', 'true', 'y'].includes(value);
}

function qomSetOf([path = '', property = '']: readonly string[]): JsonObject {
  return jsonObject({ path, property });
}

function dirtyRateOf(words: readonly string[]): JsonObject {
  const mode = words.includes('-r') ? 'dirty-ring' : words.includes('-b') ? 'dirty-bitmap' : undefined;
  return jsonObject(mode === undefined ? {} : { mode });
}
