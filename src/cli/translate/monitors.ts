// What uses character devices: serial and parallel ports, monitors, the debugger. A QMP monitor becomes an object of
// qmpd: a server where QEMU would listen, or a monitor on a character device.

import { pairsIn, recordOf, truth } from '../../engines/qemu/options/key-values.ts';
import { type JsonObject, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import type { MachineOptionName } from '../../schema/index.ts';
import { shortChardev } from './chardev.ts';
import type { Draft, Translator, TranslatorEntry } from './draft.ts';

function humanMonitor(draft: Draft, id: string): void {
  draft.push('human-monitor', id);
}

/** The chardev of a short form, under a label of QEMU's kind: "serial0". */
function chardev(draft: Draft, kind: string, text: string): string | undefined {
  const label = `${kind}${draft.count(kind)}`;
  return shortChardev(draft, label, text, (id) => humanMonitor(draft, id));
}

function ports(name: 'serial' | 'parallel'): Translator {
  return (draft, text) => {
    // Sharing the port is a monitor of its own.
    if (text.startsWith('mon:')) draft.seen.add('-monitor');
    draft.push(name, chardev(draft, name, text) ?? null);
  };
}

function monitor(draft: Draft, text: string): void {
  const id = chardev(draft, 'compat_monitor', text);
  if (id !== undefined) humanMonitor(draft, id);
}

function qmp(pretty: boolean): Translator {
  return (draft, text) => {
    const listens = /^(unix|tcp):(.*)$/s.exec(text);
    const server = listens === null ? undefined : serverAddress(listens[1] ?? '', listens[2] ?? '');
    const options = pretty ? { pretty: true } : {};
    const id = `qmp${draft.count('qmp')}`;
    if (server !== undefined) {
      draft.enter(jsonObject({ 'qom-type': 'qmp-server', id, addr: server, ...options }));
      return;
    }
    const chardevId = chardev(draft, 'compat_monitor', text);
    if (chardevId === undefined) return;
    draft.enter(jsonObject({ 'qom-type': 'monitor-qmp', id, chardev: chardevId, ...options }));
  };
}

/** Undefined where QEMU would not listen. */
function serverAddress(scheme: string, text: string): JsonObject | undefined {
  const { place = '', ...words } = recordOf(pairsIn(text, 'place'));
  if (truth(words.server) !== true) return undefined;
  if (scheme === 'unix') return jsonObject({ type: 'unix', path: place });
  const colon = String(place).lastIndexOf(':');
  const host = String(place).slice(0, colon);
  return jsonObject({
    type: 'inet',
    host: host === '' ? '0.0.0.0' : host,
    port: String(place).slice(colon + 1),
  });
}

function mon(draft: Draft, text: string): void {
  const { chardev: id = '', mode = 'readline', pretty } = recordOf(pairsIn(text, 'chardev'));
  if (mode === 'readline') {
    humanMonitor(draft, String(id));
    return;
  }
  if (mode !== 'control')
    throw new QmpError(`-mon: Parameter 'mode' does not accept value '${String(mode)}'`);
  const name = `qmp${draft.count('qmp')}`;
  draft.enter(
    jsonObject({
      'qom-type': 'monitor-qmp',
      id: name,
      chardev: id,
      ...(truth(pretty) === true ? { pretty: true } : {}),
    }),
  );
}

function single(name: MachineOptionName, kind: string): Translator {
  return (draft, text) => {
    const id = chardev(draft, kind, text);
    if (id !== undefined) draft.set(name, id);
  };
}

function gdb(draft: Draft, text: string): void {
  const isTcp = text.startsWith('tcp:');
  const listening = isTcp && !/,(no)?server/.test(text) ? `${text},server=on,wait=off,nodelay=on` : text;
  single('gdb', 'gdb')(draft, listening);
}

export const monitorTranslators: readonly TranslatorEntry[] = [
  ['-serial', ports('serial')],
  ['-parallel', ports('parallel')],
  ['-monitor', monitor],
  ['-qmp', qmp(false)],
  ['-qmp-pretty', qmp(true)],
  ['-mon', mon],
  ['-debugcon', single('debugcon', 'debugcon')],
  ['-gdb', gdb],
  ['-s', (draft) => gdb(draft, 'tcp::1234')],
  ['-echr', (draft, text) => draft.set('mux-escape', Number(text))],
  [
    '-qtest',
    (draft, text) => {
      const id = chardev(draft, 'qtest', text);
      if (id !== undefined) draft.merge('qtest', jsonObject({ chardev: id }));
    },
  ],
  ['-qtest-log', (draft, log) => draft.merge('qtest', jsonObject({ log }))],
];
