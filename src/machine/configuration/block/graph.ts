// The block graph of a running QEMU, as it says it is: its nodes, which leads to which by what name, and which node
// each device's backend leads to. Made from three answers; nothing is remembered here (truth.ts does that).
// (QEMU: x-debug-query-block-graph for the edges of all releases, query-named-block-nodes, query-block.)

import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';

export interface BlockNode {
  readonly name: string;
  readonly driver: string;
  /** A file's name, or "json:{...}" with the options that say what the image is. */
  readonly file: string;
  readonly readOnly: boolean;
  readonly cache: { readonly direct: boolean; readonly noFlush: boolean };
  readonly detectZeroes: string;
  readonly virtualSize: JsonValue | undefined;
}

export interface BlockDevice {
  /** The id of the device model; a name of -drive where there is none. */
  readonly id: string;
  /** Where the device is in the QOM tree, "/machine/peripheral/disk0/virtio-backend"; empty for one without a device. */
  readonly path: string;
  /** Of a drive that -drive made, the name of its backend ("ide0-hd0"); empty for one that was given a node. */
  readonly backend: string;
  /** The node that its backend leads to; undefined for an empty drive. */
  readonly root: string | undefined;
}

export interface BlockGraph {
  readonly nodes: ReadonlyMap<string, BlockNode>;
  /** By node, its children: the child's name ("file", "backing") and the node there. */
  readonly edges: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly devices: readonly BlockDevice[];
  /** Ids of the jobs that are at work on nodes. */
  readonly jobs: ReadonlySet<string>;
}

/** What each answer is asked for with. */
export const graphQuestions = {
  nodes: ['query-named-block-nodes', { flat: true }],
  edges: ['x-debug-query-block-graph', undefined],
  devices: ['query-block', undefined],
} as const;

export type GraphAnswers = { readonly [K in keyof typeof graphQuestions]: JsonValue };

export function readGraph({ nodes, edges, devices }: GraphAnswers): BlockGraph {
  const { children, jobs } = readEdges(edges);
  const known = objects(nodes).map(readNode);
  return {
    nodes: new Map(known.map((node) => [node.name, node])),
    edges: children,
    devices: objects(devices).map(readDevice),
    jobs,
  };
}

function readNode(node: JsonObject): BlockNode {
  const { cache, image } = node;
  return {
    name: text(node['node-name']),
    driver: text(node.drv),
    file: text(node.file),
    readOnly: node.ro === true,
    cache: isJsonObject(cache)
      ? { direct: cache.direct === true, noFlush: cache['no-flush'] === true }
      : { direct: false, noFlush: false },
    detectZeroes: text(node.detect_zeroes),
    virtualSize: isJsonObject(image) ? image['virtual-size'] : undefined,
  };
}

function readDevice(device: JsonObject): BlockDevice {
  const { inserted } = device;
  const path = text(device.qdev);
  return {
    id: path === '' ? text(device.device) : deviceOf(path),
    path,
    backend: text(device.device),
    root: isJsonObject(inserted) ? text(inserted['node-name']) : undefined,
  };
}

/** A virtio-blk says the path of its inner device. */
function deviceOf(path: string): string {
  const [, id] = /^\/machine\/peripheral\/([^/]+)/.exec(path) ?? [];
  return id ?? path;
}

function readEdges(answer: JsonValue): {
  readonly children: Map<string, Map<string, string>>;
  readonly jobs: Set<string>;
} {
  const children = new Map<string, Map<string, string>>();
  const jobs = new Set<string>();
  if (!isJsonObject(answer)) return { children, jobs };
  const byId = new Map(objects(answer.nodes).map((node) => [String(node.id), node]));
  for (const edge of objects(answer.edges)) {
    const parent = byId.get(String(edge.parent));
    const child = byId.get(String(edge.child));
    if (parent === undefined || child === undefined) continue;
    if (parent.type === 'block-job') jobs.add(text(parent.name));
    if (parent.type !== 'block-driver') continue;
    const name = text(parent.name);
    const below = children.get(name) ?? new Map<string, string>();
    below.set(text(edge.name), text(child.name));
    children.set(name, below);
  }
  return { children, jobs };
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
