/**
 * Several nodes become one: their wires to each other move into a subgraph, those to the outside become its sockets.
 *
 * Nodes and wires keep their ids inside, so that `expand.ts` can put everything back where it was. The Python side is
 * `engine/subgraph_collapse.py`.
 */
import {
  type Canvas,
  canvasAt,
  type Document,
  EMPTY_CANVAS,
  type GraphNode,
  type InputSlot,
  type Link,
  type NodeId,
  nodeOf,
  type OutputSlot,
  type Scope,
  SUBGRAPH_INPUT,
  SUBGRAPH_OUTPUT,
  type Subgraph,
  withCanvas,
} from "../document";
import { asText, type Json, type JsonObject } from "../json";
import { promotedNames } from "../promoted";
import { frameOf } from "./groups";
import { chain, nextNodeId, settled } from "./settle";

const WIDTH = 240;

interface Cut {
  readonly inside: readonly Link[];
  /** For each input of the new node the wires that come through it. */
  readonly entering: readonly (readonly Link[])[];
  readonly leaving: readonly (readonly Link[])[];
  readonly outside: readonly Link[];
}

/** Collapse nodes of the open canvas. @returns the document and the id of the new node; undefined for no nodes. */
export function collapse(
  document: Document,
  scope: Scope,
  ids: Iterable<NodeId>,
  name: string,
): { document: Document; id: string } | undefined {
  const canvas = canvasAt(document, scope);
  const nodes = [...new Set([...ids].map(String))].map((id) => nodeOf(canvas, id)).filter((node) => node !== undefined);
  if (nodes.length === 0) return undefined;
  const chosen = new Set(nodes.map((node) => String(node.id)));
  const cut = cutting(canvas, chosen);
  const subgraph = inner(canvas, nodes, cut, name);
  const instance = instanceOf(subgraph, nextNodeId(canvas), nodes);
  const outer = outside(canvas, chosen, cut, instance);
  const grown = { ...document, subgraphs: new Map(document.subgraphs).set(subgraph.id, subgraph) };
  return { document: withCanvas(grown, scope, outer), id: String(instance.id) };
}

function cutting(canvas: Canvas, chosen: ReadonlySet<string>): Cut {
  const all = [...canvas.links.values()];
  const ends = (link: Link) => [chosen.has(String(link.origin)), chosen.has(String(link.target))] as const;
  const where = (from: boolean, to: boolean) => all.filter((link) => ends(link)[0] === from && ends(link)[1] === to);
  return {
    inside: where(true, true),
    entering: grouped(where(false, true), (link) => `${link.origin} ${link.originSlot} ${link.parent}`),
    leaving: grouped(where(true, false), (link) => `${link.origin} ${link.originSlot}`),
    outside: where(false, false),
  };
}

function grouped(links: readonly Link[], key: (link: Link) => string): Link[][] {
  const found = new Map<string, Link[]>();
  for (const link of links) found.set(key(link), [...(found.get(key(link)) ?? []), link]);
  return [...found.values()];
}

function lowest(links: readonly Link[]): number {
  return Math.min(...links.map((link) => link.id));
}

function inner(canvas: Canvas, nodes: readonly GraphNode[], cut: Cut, name: string): Subgraph {
  const entering = cut.entering.flatMap((group, index) =>
    group.map((link) => bare({ ...link, origin: SUBGRAPH_INPUT, originSlot: index })),
  );
  const leaving = cut.leaving.map((group, index) => {
    const link = group.find(({ id }) => id === lowest(group)) ?? group[0];
    return link && bare({ ...link, target: SUBGRAPH_OUTPUT, targetSlot: index });
  });
  const objects = cut.inside.map((link) => ({ ...link, raw: null }));
  const links = [...objects, ...entering, ...leaving.filter((link) => link !== undefined)];
  const points = new Set(cut.inside.flatMap((link) => chain(link, canvas.reroutes)));
  const frame = frameOf(nodes) ?? { pos: [0, 0], size: [0, 0] };
  const inputs = cut.entering.map((group) => socket(canvas, group, "input"));
  const outputs = cut.leaving.map((group) => socket(canvas, group, "output"));
  const id = crypto.randomUUID();
  return {
    id,
    name,
    inputs: named(inputs),
    outputs: named(outputs),
    canvas: settled({
      ...EMPTY_CANVAS,
      nodes: new Map(nodes.map((node) => [String(node.id), node])),
      links: new Map(links.map((link) => [link.id, link])),
      reroutes: new Map([...points].map((point) => [point.id, point])),
      lastNodeId: canvas.lastNodeId,
      lastLinkId: canvas.lastLinkId,
      lastRerouteId: canvas.lastRerouteId,
    }),
    raw: definition(id, name, frame),
  };
}

/** A wire at the edge of a subgraph: an object, led through no point. */
function bare({ parent: _, ...link }: Link): Link {
  return { ...link, raw: null };
}

/** What a definition tells beside its nodes. */
function definition(id: string, name: string, { pos, size }: Pick<GraphNode, "pos" | "size">): JsonObject {
  const [x, y] = pos;
  const middle = y + size[1] / 2 - 30;
  return {
    id,
    version: 1,
    state: { lastGroupId: 0, lastNodeId: 0, lastLinkId: 0, lastRerouteId: 0 },
    revision: 0,
    config: {},
    name,
    inputNode: { id: SUBGRAPH_INPUT, bounding: [x - 200, middle, 120, 60] },
    outputNode: { id: SUBGRAPH_OUTPUT, bounding: [x + size[0] + 80, middle, 120, 60] },
    inputs: [],
    outputs: [],
    widgets: [],
    nodes: [],
    groups: [],
    links: [],
    extra: {},
  };
}

function socket(
  canvas: Canvas,
  group: readonly Link[],
  side: "input" | "output",
): { name: string; type: Json; linkIds: number[] } {
  const [link] = group;
  const slot =
    side === "input"
      ? link && nodeOf(canvas, link.target)?.inputs[link.targetSlot]
      : link && nodeOf(canvas, link.origin)?.outputs[link.originSlot];
  const type = slot?.type ?? "*";
  const linkIds = side === "input" ? group.map(({ id }) => id) : [lowest(group)];
  return { name: slot?.name || (typeof type === "string" ? type : "COMBO"), type, linkIds };
}

/** Give every socket a name and an id of its own. */
function named(sockets: readonly { name: string; type: Json; linkIds: number[] }[]): JsonObject[] {
  const taken = new Set<string>();
  return sockets.map((socket) => {
    const name = freeName(socket.name, taken);
    taken.add(name);
    return { id: crypto.randomUUID(), ...socket, name };
  });
}

export function freeName(name: string, taken: ReadonlySet<string>): string {
  let found = name;
  for (let count = 1; taken.has(found); count++) found = `${name}_${count}`;
  return found;
}

/** A node that is an instance of a subgraph. */
export function instanceOf(subgraph: Subgraph, id: number, nodes: readonly GraphNode[]): GraphNode {
  const promoted = new Set(promotedNames(subgraph));
  const frame = frameOf(nodes);
  const height = 60 + 26 * Math.max(subgraph.inputs.length, subgraph.outputs.length);
  return {
    id,
    type: subgraph.id,
    pos: frame ? [frame.pos[0] + (frame.size[0] - WIDTH) / 2, frame.pos[1] + (frame.size[1] - height) / 2] : [0, 0],
    size: [WIDTH, height],
    mode: 0,
    title: subgraph.name,
    collapsed: false,
    inputs: subgraph.inputs.map((input): InputSlot => inputSlot(input, promoted)),
    outputs: subgraph.outputs.map(
      (output): OutputSlot => ({ name: asText(output.name), type: output.type ?? "*", links: [], raw: {} }),
    ),
    values: [],
    properties: {},
    raw: {},
  };
}

export function inputSlot(input: JsonObject, promoted: ReadonlySet<string>): InputSlot {
  const slot = { name: asText(input.name), type: input.type ?? "*", link: null, raw: {} };
  return promoted.has(slot.name) ? { ...slot, widget: slot.name } : slot;
}

/** The canvas with the new node where the first of the collapsed stood in the list. */
function outside(canvas: Canvas, chosen: ReadonlySet<string>, cut: Cut, instance: GraphNode): Canvas {
  const nodes = new Map<string, GraphNode>();
  for (const [id, node] of canvas.nodes) {
    if (chosen.has(id)) nodes.set(String(instance.id), instance);
    else nodes.set(id, node);
  }
  const links = new Map(cut.outside.map((link) => [link.id, link]));
  cut.entering.forEach((group, targetSlot) => {
    const link = group.find(({ id }) => id === lowest(group));
    if (link) links.set(link.id, { ...link, target: instance.id, targetSlot });
  });
  cut.leaving.forEach((group, originSlot) => {
    for (const link of group) links.set(link.id, { ...link, origin: instance.id, originSlot });
  });
  const used = new Set([...links.values()].flatMap((link) => chain(link, canvas.reroutes)));
  const gone = new Set(cut.inside.flatMap((link) => chain(link, canvas.reroutes)).filter((point) => !used.has(point)));
  const reroutes = new Map([...canvas.reroutes].filter(([, point]) => !gone.has(point)));
  return settled({ ...canvas, nodes, links, reroutes, lastNodeId: Number(instance.id) });
}
