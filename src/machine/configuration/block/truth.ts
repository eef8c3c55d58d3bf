// The block nodes that the next machine is to have: what a running QEMU's graph shows (graph.ts), with the options that
// it does not show, which are remembered from the commands that gave them. Pure: it is told, and asked.
//
// Each node is declared with all of its children, `backing: null` included: an image's header never decides what is
// opened. Filters that a job put into the graph are jumped over. What was nested stays nested, since nested nodes go with
// their parent and inherit from it; a node of its own is referred to by its name.

import { parseJson } from '../../../json/parse.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../../json/value.ts';
import type { BlockGraph, BlockNode } from './graph.ts';

/** Drivers of nodes that jobs put above a disk while they run. */
const jobFilters: ReadonlySet<string> = new Set([
  'mirror_top',
  'commit_top',
  'copy-before-write',
  'copy-on-read',
]);
/** Of these, the ones whose disk is the child "backing"; that of the others is "file". */
const filtersOverBacking: ReadonlySet<string> = new Set(['mirror_top', 'commit_top']);
/** Formats that open what their header names when nothing is said. */
const formatsWithBacking: ReadonlySet<string> = new Set(['qcow2', 'qed', 'qcow', 'vmdk']);
/** Members of blockdev-add that are not options of the node itself. */
const structural: ReadonlySet<string> = new Set(['driver', 'node-name', 'children', 'backing']);

export interface BlockDeclarations {
  /** Arguments of blockdev-add for what devices reach, what is referred to first. */
  readonly nodes: readonly JsonObject[];
  /** What no device reaches: made after the devices, since QEMU refuses a device on a disk that backs another. */
  readonly late: readonly JsonObject[];
  /** By device id, the node that it is to have; null for an empty drive. */
  readonly roots: ReadonlyMap<string, string | null>;
}

/** What is known of the nodes besides the graph; goes to the disk with the configuration. */
export interface BlockMemory {
  readonly owned: readonly string[];
  readonly options: ReadonlyMap<string, JsonObject>;
  readonly readOnly: ReadonlyMap<string, boolean>;
  readonly aliases: ReadonlyMap<string, string>;
}

export class BlockTruth {
  /** Nodes that a client made, and that only a client takes away. */
  readonly #owned: Set<string>;
  /** By node, what QEMU does not tell. */
  readonly #options: Map<string, JsonObject>;
  /** By node, its mode when no job had it open for writing. */
  readonly #readOnly: Map<string, boolean>;
  /** Names that qmpd gives to nodes that QEMU named itself ("#block123"), which blockdev-add does not take. */
  readonly #aliases: Map<string, string>;

  /** The names in the graph that was last looked at. */
  #present: ReadonlySet<string> = new Set();

  constructor(memory?: BlockMemory) {
    this.#owned = new Set(memory?.owned);
    this.#options = new Map(memory?.options);
    this.#readOnly = new Map(memory?.readOnly);
    this.#aliases = new Map(memory?.aliases);
  }

  get memory(): BlockMemory {
    return {
      owned: [...this.#owned],
      options: new Map(this.#options),
      readOnly: new Map(this.#readOnly),
      aliases: new Map(this.#aliases),
    };
  }

  /** A blockdev-add was carried out; the graph is from after it. */
  added(graph: BlockGraph, args: JsonObject): void {
    const name = String(args['node-name']);
    this.#owned.add(name);
    this.#learn(graph, name, args);
  }

  /** A blockdev-reopen was: options that are left out have gone to their defaults. */
  reopened(graph: BlockGraph, args: JsonObject): void {
    this.#learn(graph, String(args['node-name']), args);
  }

  removed(name: string): void {
    this.#owned.delete(name);
  }

  /** A new node has taken the place of another: of what QEMU hides it has taken `discard` alone. */
  inherited(from: string, to: string): void {
    const discard = this.#options.get(from)?.discard;
    this.#options.set(to, discard === undefined ? jsonObject() : jsonObject({ discard }));
  }

  /** Lets go of what is known of nodes that are not there any more. */
  prune(graph: BlockGraph): void {
    for (const map of [this.#options, this.#readOnly, this.#aliases]) {
      for (const name of map.keys()) if (!graph.nodes.has(name)) map.delete(name);
    }
    for (const name of this.#owned) if (!graph.nodes.has(name)) this.#owned.delete(name);
  }

  /** The mode that a node is going to have, whatever a job does to it meanwhile. */
  settle(name: string, readOnly: boolean): void {
    this.#readOnly.set(name, readOnly);
  }

  /** Down to what is there without jobs. */
  below(graph: BlockGraph, name: string): string {
    let at = name;
    for (
      let node = graph.nodes.get(at);
      node !== undefined && this.#isJobFilter(node);
      node = graph.nodes.get(at)
    ) {
      const child = graph.edges.get(at)?.get(filtersOverBacking.has(node.driver) ? 'backing' : 'file');
      if (child === undefined) break;
      at = child;
    }
    return at;
  }

  /** `deviceIds`: the devices that the next machine has, whose drives are looked up. */
  declarations(graph: BlockGraph, deviceIds: ReadonlySet<string>, busy: boolean): BlockDeclarations {
    this.#present = new Set(graph.nodes.keys());
    const roots = new Map<string, string | null>();
    for (const { id, root } of graph.devices) {
      if (deviceIds.has(id)) roots.set(id, root === undefined ? null : this.below(graph, root));
    }
    const reached = [...roots.values()].filter((root) => root !== null);
    const tops = new Set([...reached, ...[...this.#owned].filter((name) => graph.nodes.has(name))]);
    const used = new Set<string>();
    for (const root of reached) this.#walk(graph, root, used);
    const ordered = this.#inOrder(graph, tops);
    const done = new Set<string>();
    const declare = (name: string): JsonObject => this.#declare(graph, name, { tops, done, busy });
    const [early, late] = [ordered.filter((n) => used.has(n)), ordered.filter((n) => !used.has(n))];
    return {
      nodes: early.map(declare),
      late: late.map(declare),
      roots: new Map([...roots].map(([id, root]) => [id, root === null ? null : this.#legalName(root)])),
    };
  }

  #isJobFilter({ name, driver }: BlockNode): boolean {
    return jobFilters.has(driver) && !this.#options.has(name);
  }

  #learn(graph: BlockGraph, name: string, args: JsonObject): void {
    const children = graph.edges.get(name) ?? new Map<string, string>();
    const own = Object.entries(args).filter(([key]) => !children.has(key) && !structural.has(key));
    this.#options.set(name, jsonObject(Object.fromEntries(own)));
    for (const [key, child] of children) {
      const nested = args[key];
      if (isJsonObject(nested)) this.#learn(graph, child, nested);
    }
  }

  #walk(graph: BlockGraph, name: string, seen: Set<string>): void {
    if (seen.has(name)) return;
    seen.add(name);
    for (const child of graph.edges.get(name)?.values() ?? [])
      this.#walk(graph, this.below(graph, child), seen);
  }

  /** What is referred to comes before what refers to it. */
  #inOrder(graph: BlockGraph, tops: ReadonlySet<string>): readonly string[] {
    const order = new Set<string>();
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const child of graph.edges.get(name)?.values() ?? []) visit(this.below(graph, child));
      if (tops.has(name)) order.add(name);
    };
    for (const top of tops) visit(top);
    return [...order];
  }

  #declare(graph: BlockGraph, name: string, state: Declaring): JsonObject {
    const node = graph.nodes.get(name);
    const declaration = jsonObject({ driver: node?.driver ?? '', 'node-name': this.#legalName(name) });
    if (node === undefined) return declaration;
    state.done.add(name);
    const children = graph.edges.get(name) ?? new Map<string, string>();
    Object.assign(declaration, this.#options.get(name) ?? visibleOptions(node, children));
    if (!(state.busy && this.#readOnly.has(name))) this.#readOnly.set(name, node.readOnly);
    declaration['read-only'] = this.#readOnly.get(name) ?? node.readOnly;
    declaration.cache = jsonObject({ direct: node.cache.direct, 'no-flush': node.cache.noFlush });
    declaration['detect-zeroes'] = node.detectZeroes;
    for (const [key, child] of children) this.#place(declaration, key, this.#child(graph, child, state));
    if (formatsWithBacking.has(node.driver) && !children.has('backing')) declaration.backing = null;
    return declaration;
  }

  #child(graph: BlockGraph, child: string, state: Declaring): JsonValue {
    const name = this.below(graph, child);
    return state.tops.has(name) || state.done.has(name)
      ? this.#legalName(name)
      : this.#declare(graph, name, state);
  }

  /** Quorum's children are a list: "children.0" is its first element. */
  #place(declaration: JsonObject, key: string, child: JsonValue): void {
    const [, index] = /^children\.(\d+)$/.exec(key) ?? [];
    if (index === undefined) {
      declaration[key] = child;
      return;
    }
    const list = Array.isArray(declaration.children) ? declaration.children : [];
    list.push(child);
    declaration.children = list;
  }

  #legalName(name: string): string {
    if (!name.startsWith('#')) return name;
    const known = this.#aliases.get(name);
    if (known !== undefined) return known;
    const taken = new Set([...this.#aliases.values(), ...this.#present]);
    let number = 1;
    while (taken.has(`qmpd-block${number}`)) number += 1;
    this.#aliases.set(name, `qmpd-block${number}`);
    return `qmpd-block${number}`;
  }
}

interface Declaring {
  readonly tops: ReadonlySet<string>;
  readonly done: Set<string>;
  readonly busy: boolean;
}

/** What a node that no command gave options says of itself: enough to open the same image. */
function visibleOptions({ file }: BlockNode, children: ReadonlyMap<string, string>): JsonObject {
  if (children.size > 0) return jsonObject();
  const value = file.startsWith('json:') ? parseJson(file.slice('json:'.length)) : undefined;
  return isJsonObject(value) ? value : jsonObject({ filename: file });
}
