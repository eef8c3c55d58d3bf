// What a block graph is going to be, once a command or a job has switched a disk: written down before the switch, as
// the new truth of an intent. Pure.

import type { BlockDevice, BlockGraph, BlockNode } from './graph.ts';
import type { BlockTruth } from './truth.ts';

/** An overlay that a snapshot makes: a qcow2 in a file of its own, unless it is there already. */
export interface Overlay {
  readonly name: string;
  readonly driver: string;
  readonly file: string;
}

/** A snapshot of `node`: whoever led to it leads to the overlay, and the overlay to it. */
export function afterSnapshot(
  graph: BlockGraph,
  truth: BlockTruth,
  node: string,
  overlay: Overlay,
): BlockGraph {
  const former = graph.nodes.get(node);
  if (former === undefined) return graph;
  const { name, driver, file } = overlay;
  const inner = `#${name}`;
  const nodes = new Map(graph.nodes);
  const made: BlockNode = { ...former, name, driver, file, readOnly: former.readOnly, detectZeroes: 'off' };
  nodes.set(name, made);
  nodes.set(inner, { ...made, name: inner, driver: 'file' });
  const switched = pointed(graph, truth, { from: node, to: name });
  const edges = new Map(switched.edges);
  edges.set(
    name,
    new Map([
      ['backing', node],
      ['file', inner],
    ]),
  );
  return { ...switched, nodes, edges };
}

/** A mirror or an active commit has ended: whoever led to `from` leads to `to`. */
export function afterPivot(
  graph: BlockGraph,
  truth: BlockTruth,
  {
    from,
    to,
    backing,
  }: { readonly from: string; readonly to: string; readonly backing?: string | undefined },
): BlockGraph {
  const switched = pointed(graph, truth, { from, to });
  if (backing === undefined) return switched;
  const edges = new Map(switched.edges);
  edges.set(to, new Map([...(edges.get(to) ?? []), ['backing', backing]]));
  return { ...switched, edges };
}

function pointed(
  graph: BlockGraph,
  truth: BlockTruth,
  { from, to }: { readonly from: string; readonly to: string },
): BlockGraph {
  const leads = (child: string): boolean => truth.below(graph, child) === from;
  const edges = new Map(
    [...graph.edges].map(([parent, children]) => [
      parent,
      parent === to || truth.below(graph, parent) !== parent ? children : withChild(children, leads, to),
    ]),
  );
  const devices = graph.devices.map(
    (device): BlockDevice =>
      device.root !== undefined && leads(device.root) ? { ...device, root: to } : device,
  );
  return { ...graph, edges, devices };
}

/** A backing file stays what it is: other overlays of the same base are not moved. */
function withChild(
  children: ReadonlyMap<string, string>,
  leads: (child: string) => boolean,
  to: string,
): ReadonlyMap<string, string> {
  return new Map([...children].map(([key, child]) => [key, key !== 'backing' && leads(child) ? to : child]));
}
