// Keeps the declared block nodes, and what devices and drive options are said to have in them, as the running QEMU has
// them: after snapshots, mirrors, commits, streams and changes of media, whoever asked for them. What has not changed keeps
// the words in which it was declared. QEMU is asked by `ask`; the configuration is told.
//
// What cannot be followed is never guessed: the configuration keeps what it had (docs/scripts.md says what that is).

import { printCompact } from '../../../json/print.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../../json/value.ts';
import type { Configuration } from '../configuration.ts';
import { type BlockDevice, type BlockGraph, graphQuestions, readGraph } from './graph.ts';
import { type BlockDeclarations, BlockTruth } from './truth.ts';

/** A command of qmpd's own; rejects with a QmpError in QEMU's words. */
export type Ask = (command: string, args?: JsonObject) => Promise<JsonValue>;

export interface BlockParts {
  readonly configuration: Configuration;
  readonly ask: Ask;
  /** Of the drive options that are made by -drive: which one has the backend of this name ("ide0-hd0" is hda). */
  placeOf(backend: string): string | undefined;
}

/** Options that take the name of a node in place of a file; the drive is a device of that id then. */
const drivePlaces: ReadonlySet<string> = new Set(['fda', 'fdb', 'hda', 'hdb', 'hdc', 'hdd', 'cdrom']);

export class LivingBlocks {
  readonly #parts: BlockParts;
  readonly #truth: BlockTruth = new BlockTruth();
  /** Of each node, what was declared of it last, as text. */
  #nodes: ReadonlyMap<string, string> = new Map();
  /** Of each device, its node. */
  #roots: ReadonlyMap<string, string | null> = new Map();
  #backings: ReadonlyMap<string, string | undefined> = new Map();

  constructor(parts: BlockParts) {
    this.#parts = parts;
  }

  /** Of a machine that was just made, or taken over: what it has is what is declared. */
  async begin(): Promise<void> {
    const graph = await this.#readGraph();
    for (const { kind, arguments: args } of this.#parts.configuration.declarations) {
      if (kind === 'blockdev') this.#truth.added(graph, args);
    }
    this.#nodes = textsOf(this.#truth.declarations(graph, this.#named(graph), graph.jobs.size > 0));
    this.#roots = this.#rootsOf(graph);
    this.#backings = backingsOf(graph);
  }

  /** A drive option was changed here, in the running machine, too: what it leads to now is what it says. */
  async accepted(): Promise<void> {
    this.#roots = this.#rootsOf(await this.#readGraph());
  }

  /** QEMU has carried out a command that may have changed the graph. */
  async carriedOut(command: string, args: JsonObject): Promise<void> {
    const graph = await this.#readGraph();
    this.#learn(command, args, graph);
    await this.#follow(graph);
  }

  /** An event told of a change, or somebody wants to be sure. */
  async readBack(): Promise<void> {
    await this.#follow(await this.#readGraph());
  }

  async #readGraph(): Promise<BlockGraph> {
    const { ask } = this.#parts;
    const [nodes, edges, devices] = await Promise.all(
      [graphQuestions.nodes, graphQuestions.edges, graphQuestions.devices].map(([command, args]) =>
        ask(command, args === undefined ? undefined : jsonObject(args)),
      ),
    );
    return readGraph({ nodes: nodes ?? null, edges: edges ?? null, devices: devices ?? null });
  }

  /** What the graph will not tell: the options of nodes, and who owns them. */
  #learn(command: string, args: JsonObject, graph: BlockGraph): void {
    switch (command) {
      case 'blockdev-add':
        this.#truth.added(graph, args);
        break;
      case 'blockdev-del':
        this.#truth.removed(String(args['node-name']));
        break;
      case 'blockdev-reopen':
        for (const options of objectsOf(args.options)) this.#truth.reopened(graph, options);
        break;
      case 'blockdev-snapshot-sync':
        this.#overlaid(graph, args);
        break;
      case 'transaction':
        for (const { type, data } of objectsOf(args.actions)) {
          if (type === 'blockdev-snapshot-sync' && isJsonObject(data)) this.#overlaid(graph, data);
        }
        break;
      default:
    }
  }

  /** An overlay takes `discard` over from the node that is its backing file now. */
  #overlaid(graph: BlockGraph, { 'snapshot-node-name': name }: JsonObject): void {
    if (typeof name !== 'string') return;
    const backing = graph.edges.get(name)?.get('backing');
    if (backing !== undefined) this.#truth.inherited(backing, name);
  }

  async #follow(graph: BlockGraph): Promise<void> {
    await this.#flushMoved(graph);
    const roots = this.#rootsOf(graph);
    const moved = [...roots].filter(([id, root]) => this.#roots.has(id) && this.#roots.get(id) !== root);
    const named = new Set([...this.#named(graph), ...moved.map(([id]) => id)]);
    const declarations = this.#truth.declarations(graph, named, graph.jobs.size > 0);
    for (const [id] of moved) this.#moved(graph, id, declarations.roots.get(id) ?? null);
    const texts = textsOf(declarations);
    const changed = [...texts].some(([name, text]) => this.#nodes.get(name) !== text);
    if (changed || [...this.#nodes.keys()].some((name) => !texts.has(name)))
      this.#declare(declarations, texts);
    this.#nodes = texts;
    this.#roots = roots;
    this.#truth.prune(graph);
  }

  /** Where each drive that is followed leads, jobs left out. */
  #rootsOf(graph: BlockGraph): ReadonlyMap<string, string | null> {
    const followed = graph.devices.filter(
      (device) => this.#declared(device.id) || this.#optionOf(device) !== undefined,
    );
    return new Map(
      followed.map(({ id, root }) => [id, root === undefined ? null : this.#truth.below(graph, root)]),
    );
  }

  /** The drives whose medium is a block node of the configuration. */
  #named(graph: BlockGraph): ReadonlySet<string> {
    const named = graph.devices.filter((device) => {
      const option = this.#optionOf(device);
      return (
        this.#declared(device.id) ||
        (option !== undefined && typeof this.#parts.configuration.get(option) === 'string')
      );
    });
    return new Set(named.map(({ id }) => id));
  }

  #declared(id: string): boolean {
    return this.#parts.configuration.declared('device', id) !== undefined;
  }

  /** The option that a drive was made by: under its name, as a device, or by -drive. */
  #optionOf({ id, backend }: BlockDevice): string | undefined {
    const option = drivePlaces.has(id) ? id : this.#parts.placeOf(backend);
    return option !== undefined && this.#parts.configuration.get(option) !== undefined ? option : undefined;
  }

  /** A stream, and a commit into a base that was writable, end without a flush (QEMU 7.2 to 11.1). */
  async #flushMoved(graph: BlockGraph): Promise<void> {
    const backings = backingsOf(graph);
    for (const [node, backing] of backings) {
      if (!this.#backings.has(node) || this.#backings.get(node) === backing) continue;
      for (const each of backing === undefined ? [node] : [node, backing]) {
        const line = jsonObject({ 'command-line': `qemu-io ${each} flush` });
        await this.#parts.ask('human-monitor-command', line);
      }
    }
    this.#backings = backings;
  }

  /** The device, or the drive option, leads to another node than before. */
  #moved(graph: BlockGraph, id: string, root: string | null): void {
    const { configuration } = this.#parts;
    const declaration = configuration.declared('device', id);
    if (declaration !== undefined) {
      const { drive: _, ...rest } = declaration.arguments;
      const args = jsonObject(root === null ? rest : { ...rest, drive: root });
      configuration.replace({ ...declaration, arguments: args });
      return;
    }
    const device = graph.devices.find((each) => each.id === id);
    const option = device === undefined ? undefined : this.#optionOf(device);
    if (option !== undefined) configuration.followed(option, root);
  }

  #declare({ nodes, late }: BlockDeclarations, texts: ReadonlyMap<string, string>): void {
    const { configuration } = this.#parts;
    const wanted = [...nodes, ...late].map((args) => {
      const id = String(args['node-name']);
      const former = configuration.declared('blockdev', id);
      const before = this.#nodes.get(id);
      const same = former !== undefined && (before === undefined || before === texts.get(id));
      return same ? former : { kind: 'blockdev' as const, id, arguments: args };
    });
    configuration.replaceKind('blockdev', wanted);
  }
}

function textsOf({ nodes, late }: BlockDeclarations): ReadonlyMap<string, string> {
  return new Map([...nodes, ...late].map((args) => [String(args['node-name']), printCompact(args)]));
}

function backingsOf(graph: BlockGraph): ReadonlyMap<string, string | undefined> {
  return new Map([...graph.edges].map(([node, children]) => [node, children.get('backing')]));
}

function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
