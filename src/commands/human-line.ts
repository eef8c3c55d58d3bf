// What a line of QEMU's human monitor asks for, as the arguments of the QMP command that does the same: only the
// commands whose arguments can do harm (those with a `human` spelling in their traits), and only as exactly as that needs (QEMU: hmp-commands.hx,
// util/qemu-option.c). It is not for carrying lines out.

import { parseJson } from '../json/parse.ts';
import { isJsonObject, type JsonObject, jsonObject } from '../json/value.ts';
import type { CommandTraits, HumanSpelling } from '../qmp/traits.ts';
import { knownCommands } from './traits.ts';

export interface HumanCommand {
  readonly command: string;
  readonly traits: CommandTraits;
  readonly arguments: JsonObject;
}

interface Spelled {
  readonly command: string;
  readonly traits: CommandTraits;
  readonly reads: HumanSpelling['reads'];
}

const spelled: ReadonlyMap<string, Spelled> = new Map(
  [...knownCommands].flatMap(([command, traits]): [string, Spelled][] =>
    traits.human === undefined ? [] : [[traits.human.name, { command, traits, reads: traits.human.reads }]],
  ),
);

/** Undefined for a line that is not one of these commands. */
export function humanCommand(line: string): HumanCommand | undefined {
  const [name = '', ...words] = wordsOf(line);
  const known = spelled.get(name);
  if (known === undefined) return undefined;
  const { command, traits, reads } = known;
  return { command, traits, arguments: argumentsOf(reads, words) };
}

function argumentsOf(reads: HumanSpelling['reads'], words: readonly string[]): JsonObject {
  if (reads === 'path-and-property') return qomSetOf(words.filter((word) => word !== '-j'));
  if (reads === 'dirty-rate-mode') return dirtyRateOf(words);
  if (reads === 'screen-of-device') return screenOf(words);
  const text = words.at(reads.word) ?? '';
  if ('options' in reads) return optionsOf(text, reads.options);
  return 'member' in reads ? jsonObject({ [reads.member]: text }) : chardevOf(text);
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

/** "[-f FORMAT] FILE [DEVICE [HEAD]]" */
function screenOf(words: readonly string[]): JsonObject {
  const [, device] = words[0] === '-f' ? words.slice(2) : words;
  return device === undefined ? jsonObject() : jsonObject({ device });
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
