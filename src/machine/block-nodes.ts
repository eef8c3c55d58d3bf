// Block nodes as they are declared, followed down to what is behind them, as far as that can be told without QEMU
// (QEMU: qapi/block-core.json, block/null.c): chains of raw nodes over a file or a null device.

import { isJsonObject, type JsonObject } from '../json/value.ts';
import { QmpError } from '../qmp/error.ts';
import type { Declaration } from './engine.ts';

/** What a drive is backed by, after the block nodes have been followed down. */
export type DiskImage =
  | { readonly kind: 'file'; readonly path: string; readonly readOnly: boolean }
  | { readonly kind: 'null'; readonly bytes: number };

/** A node by a driver that is not followed. */
export interface UnfollowedNode {
  readonly kind: 'unfollowed';
  readonly driver: string;
}

/** Bytes of a null-co node without a size (QEMU: block/null.c). */
const nullBytesDefault = 1 << 30;

/** Throws a QmpError with QEMU's text for a name that nothing has, and for a cycle. */
export function imageBehind(name: string, nodes: readonly Declaration[]): DiskImage | UnfollowedNode {
  const seen = new Set<string>();
  let current = name;
  let readOnly = false;
  for (;;) {
    if (seen.has(current)) throw new QmpError(`Block node '${current}' is in a cycle of references`);
    seen.add(current);
    const node = nodes.find((declaration) => declaration.kind === 'blockdev' && declaration.id === current);
    if (node === undefined) throw new QmpError(`Cannot find device='${current}' nor node-name='${current}'`);
    const result = behindOptions(node.arguments, readOnly);
    if (typeof result !== 'string') return result;
    readOnly ||= node.arguments['read-only'] === true;
    current = result;
  }
}

/** The image of a node's options, or the name of the node that it refers to. */
function behindOptions(options: JsonObject, readOnlyAbove: boolean): DiskImage | UnfollowedNode | string {
  const readOnly = readOnlyAbove || options['read-only'] === true;
  if (options.driver === 'file' && typeof options.filename === 'string') {
    return { kind: 'file', path: options.filename, readOnly };
  }
  if (options.driver === 'null-co') {
    return { kind: 'null', bytes: typeof options.size === 'number' ? options.size : nullBytesDefault };
  }
  if (options.driver === 'raw') {
    if (typeof options.file === 'string') return options.file;
    if (isJsonObject(options.file)) return behindOptions(options.file, readOnly);
  }
  return { kind: 'unfollowed', driver: String(options.driver) };
}
