// -machine, -accel, -cpu, -smp, -numa, -icount, -rtc, -m and the like, as options of machine-set.

import {
  bytesOf,
  jsonIn,
  type Pair,
  pairsIn,
  rangeOf,
  recordOf,
  take,
  truth,
} from '../../engines/qemu/options/key-values.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Draft, TranslatorEntry } from './draft.ts';

function machine(draft: Draft, text: string): void {
  const [known, properties] = take(jsonIn(text) ?? recordOf(pairsIn(text, 'type')), {
    type: 'type',
    accel: 'accel',
    'memory-backend': 'backend',
  });
  if (known.backend !== undefined) draft.merge('memory', jsonObject({ backend: known.backend }));
  if (known.type !== undefined) draft.merge('machine', jsonObject({ type: known.type }));
  if (typeof known.accel === 'string') accelerators(draft, known.accel);
  draft.properties('machine', truths(properties));
}

/** "kvm:tcg": the first that works. */
function accelerators(draft: Draft, names: string): void {
  draft.set(
    'accel',
    names.split(':').map((type) => jsonObject({ type })),
  );
}

function accel(draft: Draft, text: string): void {
  const [{ type = '' }, properties] = take(recordOf(pairsIn(text, 'type')), { type: 'type', accel: 'type' });
  const rest = Object.keys(properties).length === 0 ? {} : { properties: truths(properties) };
  draft.push('accel', jsonObject({ type, ...rest }));
}

function singleStep(draft: Draft): void {
  draft.push('accel', jsonObject({ type: 'tcg', properties: jsonObject({ 'one-insn-per-tb': true }) }));
}

/** "host,+avx,-svm,migratable=off": no comma can be written. */
function cpu(draft: Draft, text: string): void {
  const [model = '', ...features] = text.split(',');
  const properties = jsonObject();
  for (const feature of features) {
    const sign = feature[0];
    const equals = feature.indexOf('=');
    if (sign === '+' || sign === '-') properties[feature.slice(1)] = sign === '+';
    else if (equals < 0) properties[feature] = true;
    else properties[feature.slice(0, equals)] = truth(feature.slice(equals + 1)) ?? '';
  }
  draft.set('cpu', jsonObject(Object.keys(properties).length === 0 ? { model } : { model, properties }));
}

function numa(draft: Draft, text: string): void {
  const given = jsonIn(text);
  if (given !== undefined) {
    draft.push('numa', given);
    return;
  }
  const pairs = pairsIn(text, 'type');
  const node = recordOf(pairs.filter(([key]) => key !== 'cpus'));
  const cpus = pairs.filter(([key]) => key === 'cpus').flatMap(([, value]) => rangeOf(value));
  if (cpus.length > 0) node.cpus = cpus;
  if (typeof node.mem === 'string') node.mem = bytesOf(node.mem, 'M');
  if (typeof node.size === 'string') node.size = bytesOf(node.size);
  if (typeof node.bandwidth === 'string') node.bandwidth = bytesOf(node.bandwidth);
  draft.push('numa', node);
}

function icount(draft: Draft, text: string): void {
  const members = recordOf(pairsIn(text, 'shift'));
  if (/^\d+$/.test(String(members.shift))) members.shift = Number(members.shift);
  draft.set('icount', members);
}

function memory(draft: Draft, text: string): void {
  const { size, slots, maxmem, ...rest } = recordOf(pairsIn(text, 'size'));
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new QmpError(`-m: '${unknown}' is not known`);
  const members: JsonObject = jsonObject();
  if (typeof size === 'string') members.size = bytesOf(size, 'M');
  if (slots !== undefined) members.slots = slots;
  if (typeof maxmem === 'string') members['max-size'] = bytesOf(maxmem);
  draft.merge('memory', members);
}

function truths(members: JsonObject): JsonObject {
  const entries = Object.entries(members).map(([key, value]): [string, JsonValue] => [
    key,
    truth(value) ?? value,
  ]);
  return jsonObject(Object.fromEntries(entries));
}

function pairsTo(name: 'smp' | 'rtc', implied?: string): (draft: Draft, text: string) => void {
  return (draft, text) => {
    const pairs: readonly Pair[] = pairsIn(text, implied);
    draft.merge(name, recordOf(pairs));
  };
}

export const processorTranslators: readonly TranslatorEntry[] = [
  ['-machine', machine],
  ['-M', machine],
  ['-no-acpi', (draft) => draft.properties('machine', jsonObject({ acpi: false }))],
  ['-no-hpet', (draft) => draft.properties('machine', jsonObject({ hpet: false }))],
  ['-accel', accel],
  ['-enable-kvm', (draft) => draft.set('accel', [jsonObject({ type: 'kvm' })])],
  ['-singlestep', singleStep],
  ['-cpu', cpu],
  ['-smp', pairsTo('smp', 'cpus')],
  ['-numa', numa],
  ['-icount', icount],
  ['-rtc', pairsTo('rtc')],
  ['-m', memory],
  ['-mem-path', (draft, path) => draft.merge('memory', jsonObject({ path }))],
  ['-mem-prealloc', (draft) => draft.merge('memory', jsonObject({ prealloc: true }))],
];
