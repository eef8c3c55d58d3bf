// The drives of a machine that qmpd emulates itself, and the block nodes behind them (QEMU: block/qapi-sysemu.c,
// qapi/block-core.json). The drives are fixed at creation; the media of the removable ones change while it runs.

import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { QmpError } from '../qmp/error.ts';
import { namingOption } from './configuration/naming-option.ts';
import type { Declaration, DiskImage, MachineConfiguration } from './engine.ts';

/** The drive options, with the names that QEMU gives to the drives of a PC. */
export const drivePlaces = [
  { option: 'fda', device: 'floppy0', removable: true, always: true },
  { option: 'fdb', device: 'floppy1', removable: true, always: true },
  { option: 'hda', device: 'ide0-hd0', removable: false, always: false },
  { option: 'hdb', device: 'ide0-hd1', removable: false, always: false },
  { option: 'cdrom', device: 'ide1-cd0', removable: true, always: true },
] as const;

export type DriveOption = (typeof drivePlaces)[number]['option'];

/** What is in a drive: an image, and the node that it was given by, if it was. */
export interface Medium {
  readonly image: DiskImage;
  readonly node: string | undefined;
}

export interface Drive {
  readonly option: DriveOption;
  readonly device: string;
  readonly removable: boolean;
  medium: Medium | undefined;
  trayOpen: boolean;
}

/** Bytes of a null-co node without a size (QEMU: block/null.c). */
const nullBytesDefault = 1 << 30;

/** The drives that a machine made from this configuration has. */
export function drivesOf({ options, declarations }: MachineConfiguration): Drive[] {
  return drivePlaces.flatMap(({ option, device, removable, always }): Drive[] => {
    const value = options[option];
    if (value === undefined && !always) return [];
    const medium = value === undefined ? undefined : mediumOf(option, value, declarations);
    return [{ option, device, removable, medium, trayOpen: false }];
  });
}

/** Follows a drive option's value (a node name, or a file) down to the image. */
export function mediumOf(
  option: string,
  value: JsonValue,
  nodes: readonly Declaration[],
): Medium | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string') {
    try {
      return { image: imageOfNode(value, nodes), node: value };
    } catch (thrown) {
      throw namingOption(option, thrown);
    }
  }
  if (isJsonObject(value) && typeof value.file === 'string') {
    const readOnly = value['read-only'] === true || option === 'cdrom';
    return { image: { kind: 'file', path: value.file, readOnly }, node: undefined };
  }
  throw new QmpError(`Option '${option}' expects the name of a block node or an object with 'file'`);
}

/** Follows a declared node through raw nodes down to a file or a null device. */
export function imageOfNode(name: string, nodes: readonly Declaration[]): DiskImage {
  const seen = new Set<string>();
  let current = name;
  let readOnly = false;
  for (;;) {
    if (seen.has(current)) throw new QmpError(`Block node '${current}' is in a cycle of references`);
    seen.add(current);
    const node = nodes.find((declaration) => declaration.kind === 'blockdev' && declaration.id === current);
    if (node === undefined) throw new QmpError(`Cannot find device='${current}' nor node-name='${current}'`);
    const result = imageOfOptions(node.arguments, readOnly);
    if (typeof result !== 'string') return result;
    readOnly ||= node.arguments['read-only'] === true;
    current = result;
  }
}

/** The image of a node's options, or the name of the node that it refers to. */
function imageOfOptions(options: JsonObject, readOnlyAbove: boolean): DiskImage | string {
  const readOnly = readOnlyAbove || options['read-only'] === true;
  if (options.driver === 'file' && typeof options.filename === 'string') {
    return { kind: 'file', path: options.filename, readOnly };
  }
  if (options.driver === 'null-co') {
    return { kind: 'null', bytes: typeof options.size === 'number' ? options.size : nullBytesDefault };
  }
  if (options.driver === 'raw') {
    if (typeof options.file === 'string') return options.file;
    if (isJsonObject(options.file)) return imageOfOptions(options.file, readOnly);
  }
  throw new QmpError(
    `Block driver '${String(options.driver)}' needs the engine 'qemu'; the embedded engine has file, raw and null-co`,
  );
}
