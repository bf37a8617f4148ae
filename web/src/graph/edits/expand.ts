/**
 * An instance of a subgraph becomes its nodes again, on the canvas on which it stands. The Python side is
 * `engine/subgraph_expand.py`.
 */
import type { Catalogue } from "../catalogue";
import {
  type Canvas,
  canvasAt,
  type Document,
  type GraphNode,
  type Link,
  type NodeId,
  nodeOf,
  type Point,
  type Reroute,
  type Scope,
  SUBGRAPH_INPUT,
  SUBGRAPH_OUTPUT,
  type Subgraph,
  withCanvas,
} from "../document";
import { asText } from "../json";
import { promotedNames, promotedValue } from "../promoted";
import { writeValue } from "../widgetValues";
import { frameOf } from "./groups";
import { isOff } from "./links";
import { nextLinkId, nextNodeId, nextRerouteId, settled } from "./settle";

interface End {
  readonly node: NodeId;
  readonly slot: number;
  readonly parent: number | undefined;
}

/** An instance and its inside, with the ids that everything in it gets outside. */
interface Opened {
  readonly canvas: Canvas;
  readonly instance: GraphNode;
  readonly subgraph: Subgraph;
  readonly nodes: ReadonlyMap<string, NodeId>;
  readonly links: ReadonlyMap<number, number>;
  readonly points: ReadonlyMap<number, number>;
}

/** Expand an instance on the open canvas. @returns the document and the ids of its nodes; undefined if it is none. */
export function expand(
  document: Document,
  scope: Scope,
  id: NodeId,
  catalogue: Catalogue,
): { document: Document; ids: string[] } | undefined {
  const canvas = canvasAt(document, scope);
  const instance = nodeOf(canvas, id);
  const subgraph = instance && document.subgraphs.get(instance.type);
  if (!instance || !subgraph) return undefined;
  const opened = open(canvas, instance, subgraph);
  const inside = placed(opened, document, catalogue);
  const nodes = [...canvas.nodes].flatMap(([key, node]) => (node === instance ? inside : [[key, node] as const]));
  const changed = settled({
    ...canvas,
    nodes: new Map(nodes),
    links: new Map([...outerLinks(opened), ...innerLinks(opened)].map((link) => [link.id, link])),
    reroutes: new Map([...canvas.reroutes, ...innerPoints(opened)]),
  });
  const whole = withoutUnused(withCanvas(document, scope, counted(changed)), subgraph);
  return { document: whole, ids: inside.map(([key]) => key) };
}

function open(canvas: Canvas, instance: GraphNode, subgraph: Subgraph): Opened {
  const inner = subgraph.canvas;
  const staying = [...canvas.links.values()].filter((link) => link.target !== instance.id).map((link) => link.id);
  const inward = [...inner.links.values()].filter((link) => link.target !== SUBGRAPH_OUTPUT).map((link) => link.id);
  const both = { ...canvas, nodes: new Map([...canvas.nodes, ...inner.nodes]) };
  const others = new Set([...canvas.nodes.keys()].filter((key) => key !== String(instance.id)));
  return {
    canvas,
    instance,
    subgraph,
    nodes: renumbered(
      [...inner.nodes.values()].map((node) => [String(node.id), node.id]),
      others,
      nextNodeId(both),
    ),
    links: renumbered(
      inward.map((id) => [id, id]),
      new Set(staying),
      Math.max(nextLinkId(canvas), nextLinkId(inner)),
    ),
    points: renumbered(
      [...inner.reroutes.keys()].map((id) => [id, id]),
      new Set(canvas.reroutes.keys()),
      Math.max(nextRerouteId(canvas), nextRerouteId(inner)),
    ),
  };
}

/** The ids to use: their own, or new ones where those are taken. */
function renumbered<K, V>(
  wanted: readonly (readonly [K, V])[],
  taken: ReadonlySet<K>,
  first: number,
): Map<K, V | number> {
  let next = first;
  return new Map(wanted.map(([key, id]): [K, V | number] => (taken.has(key) ? [key, next++] : [key, id])));
}

function* outerLinks(opened: Opened): Generator<Link> {
  const { canvas, instance } = opened;
  for (const link of canvas.links.values()) {
    if (link.target === instance.id) continue;
    if (link.origin !== instance.id) yield link;
    else {
      const start = startOfOutput(opened, link.originSlot);
      if (start) yield { ...link, origin: start.node, originSlot: start.slot };
    }
  }
}

function* innerLinks(opened: Opened): Generator<Link> {
  for (const link of opened.subgraph.canvas.links.values()) {
    const target = opened.nodes.get(String(link.target));
    const id = opened.links.get(link.id);
    const start = startInside(opened, link);
    if (target === undefined || id === undefined || !start) continue;
    const { parent: _, ...bare } = link;
    const moved = { ...bare, id, origin: start.node, originSlot: start.slot, target, raw: null };
    yield start.parent === undefined ? moved : { ...moved, parent: start.parent };
  }
}

function startInside(opened: Opened, link: Link): End | undefined {
  if (link.origin === SUBGRAPH_INPUT) return startOfInput(opened, link.originSlot);
  const node = opened.nodes.get(String(link.origin));
  const parent = link.parent === undefined ? undefined : opened.points.get(link.parent);
  return node === undefined ? undefined : { node, slot: link.originSlot, parent };
}

/** Where the wire into an input of the instance begins. */
function startOfInput(opened: Opened, slot: number): End | undefined {
  const name = opened.subgraph.inputs[slot]?.name;
  const id = opened.instance.inputs.find((input) => input.name === name)?.link;
  const outer = id === null || id === undefined ? undefined : opened.canvas.links.get(id);
  return outer && { node: outer.origin, slot: outer.originSlot, parent: outer.parent };
}

/** What makes an output of the instance: a node inside, or what comes straight through. */
function startOfOutput(opened: Opened, slot: number): End | undefined {
  const wire = [...opened.subgraph.canvas.links.values()].find(
    (link) => link.target === SUBGRAPH_OUTPUT && link.targetSlot === slot,
  );
  return wire && startInside(opened, wire);
}

function innerPoints({ subgraph, points }: Opened): [number, Reroute][] {
  return [...subgraph.canvas.reroutes.values()].map((point) => {
    const id = points.get(point.id) ?? point.id;
    const parent = point.parent === undefined ? undefined : points.get(point.parent);
    return [id, parent === undefined ? { ...point, id } : { ...point, id, parent }];
  });
}

/** The nodes inside as they stand outside: around the place of the instance, with the values that it had for them. */
function placed(opened: Opened, document: Document, catalogue: Catalogue): [string, GraphNode][] {
  const { instance } = opened;
  const nodes = [...withValues(opened, document, catalogue).values()];
  const frame = frameOf(nodes) ?? { pos: instance.pos, size: [0, 0] };
  const [dx, dy] = [0, 1].map((axis) =>
    Math.round(
      (instance.pos[axis] ?? 0) + (instance.size[axis] ?? 0) / 2 - (frame.pos[axis] ?? 0) - (frame.size[axis] ?? 0) / 2,
    ),
  );
  return nodes.map((node) => {
    const id = opened.nodes.get(String(node.id)) ?? node.id;
    const pos: Point = [node.pos[0] + (dx ?? 0), node.pos[1] + (dy ?? 0)];
    const mode = isOff(instance) ? instance.mode : node.mode;
    return [String(id), { ...node, id, pos, mode }];
  });
}

function withValues({ instance, subgraph }: Opened, document: Document, catalogue: Catalogue): Map<string, GraphNode> {
  const nodes = new Map(subgraph.canvas.nodes);
  for (const link of subgraph.canvas.links.values()) {
    const node = nodes.get(String(link.target));
    const widget = node?.inputs[link.targetSlot]?.widget;
    if (link.origin !== SUBGRAPH_INPUT || !node || widget === undefined) continue;
    const name = asText(subgraph.inputs[link.originSlot]?.name);
    const value = promotedValue(instance, subgraph, name);
    const isWired = instance.inputs.some((input) => input.name === name && input.link !== null);
    if (value === undefined || isWired) continue;
    nodes.set(String(node.id), withField(node, widget, value, document, catalogue));
  }
  return nodes;
}

function withField(
  node: GraphNode,
  widget: string,
  value: NonNullable<ReturnType<typeof promotedValue>> | null,
  document: Document,
  catalogue: Catalogue,
): GraphNode {
  const nested = document.subgraphs.get(node.type);
  if (!nested) return writeValue(node, catalogue.get(node.type), widget, value);
  const names = promotedNames(nested);
  const values = names.map((name) => (name === widget ? value : (promotedValue(node, nested, name) ?? null)));
  return { ...node, values };
}

function counted(canvas: Canvas): Canvas {
  return {
    ...canvas,
    lastNodeId: nextNodeId(canvas) - 1,
    lastLinkId: nextLinkId(canvas) - 1,
    lastRerouteId: nextRerouteId(canvas) - 1,
  };
}

/** The document without a definition that nothing is an instance of any more. */
function withoutUnused(document: Document, subgraph: Subgraph): Document {
  const canvases = [document.canvas, ...[...document.subgraphs.values()].map((other) => other.canvas)];
  if (canvases.some((canvas) => [...canvas.nodes.values()].some((node) => node.type === subgraph.id))) return document;
  return { ...document, subgraphs: new Map([...document.subgraphs].filter(([id]) => id !== subgraph.id)) };
}
