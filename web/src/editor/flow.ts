/**
 * A canvas of the document as xyflow's nodes and edges. No React.
 *
 * What did not change keeps its object, so that xyflow and React leave its card alone: `Flow.nodes` of an edit that
 * touched one node shares all others with the flow before it.
 */
import type { Edge, Node } from "@xyflow/react";
import {
  type Canvas,
  type GraphNode,
  type Group,
  type Link,
  NOTE_TYPES,
  REROUTE,
  type Reroute,
  SUBGRAPH_INPUT,
  SUBGRAPH_OUTPUT,
  type Subgraph,
} from "../graph/document";
import { asList, asNumber, asObject } from "../graph/json";
import { cardSize, cornerOf } from "./measures";
import { groupName, linkName, pointName, type Side, socketName } from "./names";

export type CardNode = Node<{ readonly node: GraphNode }, "card" | "note" | "knot">;
export type FrameNode = Node<{ readonly group: Group; readonly index: number }, "frame">;
export type PointNode = Node<{ readonly reroute: Reroute }, "point">;
export type EndNode = Node<{ readonly subgraph: Subgraph; readonly side: Side }, "end">;
export type FlowNode = CardNode | FrameNode | PointNode | EndNode;
export type FlowEdge = Edge<{ readonly link: Link }, "link">;

/** What the browser measured, by xyflow id. */
export type Measured = ReadonlyMap<string, { readonly width: number; readonly height: number }>;

export interface Sheet {
  readonly canvas: Canvas;
  /** The subgraph whose inside this is. */
  readonly subgraph: Subgraph | undefined;
  readonly selection: ReadonlySet<string>;
  readonly measured: Measured;
}

export interface Flow {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}

export const EMPTY_FLOW: Flow = { nodes: [], edges: [] };

export function flowOf(sheet: Sheet, before: Flow): Flow {
  const known = new Map<string, FlowNode>(before.nodes.map((node) => [node.id, node]));
  const knownEdges = new Map(before.edges.map((edge) => [edge.id, edge]));
  const { canvas, subgraph } = sheet;
  const nodes = [
    ...canvas.groups.map((group, index) => frame(group, index, sheet)),
    ...[...canvas.nodes.values()].map((node) => card(node, sheet)),
    ...[...canvas.reroutes.values()].map((reroute) => point(reroute, sheet)),
    ...(subgraph ? [end(subgraph, "input", sheet), end(subgraph, "output", sheet)] : []),
  ].map((node) => kept(known.get(node.id), node));
  const edges = [...canvas.links.values()]
    .filter((link) => hasEnds(link, canvas, subgraph))
    .map((link) => keptEdge(knownEdges.get(linkName(link.id)), edge(link, sheet)));
  return { nodes, edges };
}

/** The node before if it says the same as the new one; at least its data, for cards that compare them. */
function kept(before: FlowNode | undefined, now: FlowNode): FlowNode {
  if (!before || before.type !== now.type || !sameData(before, now)) return now;
  const samePlace = before.position.x === now.position.x && before.position.y === now.position.y;
  const sameSize = before.measured === now.measured && before.width === now.width && before.height === now.height;
  const same = samePlace && sameSize && before.selected === now.selected;
  return same ? before : ({ ...now, data: before.data } as FlowNode);
}

function sameData(before: FlowNode, now: FlowNode): boolean {
  const left = Object.entries(before.data);
  const right: Readonly<Record<string, unknown>> = now.data;
  return left.every(([key, value]) => right[key] === value);
}

function keptEdge(before: FlowEdge | undefined, now: FlowEdge): FlowEdge {
  return before && before.selected === now.selected && before.data?.link === now.data?.link ? before : now;
}

/** Sizes as xyflow wants them: a guess until the browser has measured. */
function sized(id: string, guess: { width: number; height: number }, measured: Measured) {
  return { measured: measured.get(id) ?? guess, initialWidth: guess.width, initialHeight: guess.height };
}

function kindOf(node: GraphNode): CardNode["type"] {
  if (node.type === REROUTE) return "knot";
  return NOTE_TYPES.has(node.type) ? "note" : "card";
}

const guesses = new WeakMap<GraphNode, { width: number; height: number }>();

function guessOf(node: GraphNode): { width: number; height: number } {
  const known = guesses.get(node);
  if (known) return known;
  const size = cardSize(node);
  guesses.set(node, size);
  return size;
}

function card(node: GraphNode, { selection, measured }: Sheet): FlowNode {
  const id = String(node.id);
  const guess = guessOf(node);
  return {
    id,
    type: kindOf(node) ?? "card",
    position: cornerOf(node),
    data: { node },
    selected: selection.has(id),
    domAttributes: spokenAs(id),
    ...sized(id, guess, measured),
    ...(node.type === REROUTE || node.collapsed ? {} : { width: guess.width }),
  } as CardNode;
}

/** What has the focus is called as the card within it, and told as that tells itself: `CardWords.tsx`. */
function spokenAs(id: string) {
  return { "aria-labelledby": `card-${id}`, "aria-describedby": `card-words-${id}` };
}

function frame(group: Group, index: number, { selection }: Sheet): FlowNode {
  const id = groupName(index);
  const [width, height] = group.size;
  return {
    id,
    type: "frame",
    position: { x: group.pos[0], y: group.pos[1] },
    data: { group, index },
    selected: selection.has(id),
    dragHandle: ".frame-title",
    zIndex: -2,
    measured: sizeOf(group),
    width,
    height,
    style: { pointerEvents: "none" },
  };
}

function point(reroute: Reroute, { selection, measured }: Sheet): FlowNode {
  const id = pointName(reroute.id);
  return {
    id,
    type: "point",
    position: { x: reroute.pos[0], y: reroute.pos[1] },
    origin: [0.5, 0.5],
    data: { reroute },
    selected: selection.has(id),
    ...sized(id, POINT_SIZE, measured),
  };
}

const frameSizes = new WeakMap<Group, { width: number; height: number }>();

/** One object per frame, so that a frame that stays is the same to xyflow. */
function sizeOf(group: Group): { width: number; height: number } {
  const size = frameSizes.get(group) ?? { width: group.size[0], height: group.size[1] };
  frameSizes.set(group, size);
  return size;
}

const POINT_SIZE = { width: 12, height: 12 };
const END_SIZE = { width: 140, height: 80 };

/** Where a subgraph's inputs or outputs stand inside it. */
function end(subgraph: Subgraph, side: Side, { measured }: Sheet): FlowNode {
  const id = String(side === "input" ? SUBGRAPH_INPUT : SUBGRAPH_OUTPUT);
  const raw = asObject(side === "input" ? subgraph.raw.inputNode : subgraph.raw.outputNode);
  const bounding = asList(raw.bounding);
  return {
    id,
    type: "end",
    position: { x: asNumber(bounding[0], side === "input" ? -240 : 800), y: asNumber(bounding[1]) },
    data: { subgraph, side },
    selectable: false,
    draggable: false,
    ...sized(id, END_SIZE, measured),
  };
}

/** A wire is drawn where both its sockets are. */
function hasEnds(link: Link, canvas: Canvas, subgraph: Subgraph | undefined): boolean {
  const outputs = link.origin === SUBGRAPH_INPUT ? subgraph?.inputs : canvas.nodes.get(String(link.origin))?.outputs;
  const inputs = link.target === SUBGRAPH_OUTPUT ? subgraph?.outputs : canvas.nodes.get(String(link.target))?.inputs;
  return link.originSlot < (outputs?.length ?? 0) && link.targetSlot < (inputs?.length ?? 0);
}

function edge(link: Link, { selection }: Sheet): FlowEdge {
  const id = linkName(link.id);
  return {
    id,
    type: "link",
    source: String(link.origin),
    sourceHandle: socketName("output", link.originSlot),
    target: String(link.target),
    targetHandle: socketName("input", link.targetSlot),
    data: { link },
    selected: selection.has(id),
    // Its end is taken at the input that it is in; its beginning only once it is chosen among those that begin there.
    reconnectable: selection.has(id) ? "source" : false,
  };
}
