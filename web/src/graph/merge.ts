/**
 * Three-way merging of documents, by the ids of their parts: what one side changed is taken over, field by field; what
 * both changed differently stays as mine and is told; what one side deleted and the other changed stays.
 */
import {
  type Canvas,
  type Document,
  type GraphNode,
  type Group,
  type Link,
  type NodeId,
  type Reroute,
  SUBGRAPH_INPUT,
  SUBGRAPH_OUTPUT,
  type Subgraph,
  truthful,
} from "./document";
import { reaches } from "./edits/links";
import { mapped, settled } from "./edits/settle";
import { equal } from "./equal";
import { asObject, type JsonObject } from "./json";
import { mergeJson, mergeMaps } from "./mergeJson";
import { readNode } from "./reading";
import { renumbered, sameEnds, sameGroup, sameNode, samePoint } from "./renumber";
import { writeDocument, writeNode } from "./writing";

/** Something that both sides changed, or that one changed and the other deleted. */
export interface Conflict {
  readonly part: "node" | "wire" | "group" | "document";
  /** The node, or the title of the group. */
  readonly name: string;
  /** What of it: `widgets_values.2`, `pos`; empty for the whole part. */
  readonly field: string;
}

export interface Merged {
  readonly document: Document;
  readonly conflicts: readonly Conflict[];
}

/** What is kept of a document's frame by whoever looks at it, and no change of the graph. */
const OF_THE_VIEW: ReadonlySet<string> = new Set(["extra.ds", "revision", "id"]);
const LISTS: ReadonlySet<string> = new Set(["nodes", "links", "groups", "reroutes", "definitions", "state"]);
/** What of a node follows from its wires, or means nothing. */
const DERIVED: ReadonlySet<string> = new Set(["order"]);

export function sameDocument(left: Document, right: Document): boolean {
  return left === right || equal(writeDocument(left), writeDocument(right));
}

/** @param base the version that both come from. */
export function merge(base: Document, mine: Document, theirs: Document): Merged {
  if (sameDocument(base, theirs) || sameDocument(mine, theirs)) return { document: mine, conflicts: [] };
  if (sameDocument(base, mine)) return { document: theirs, conflicts: [] };
  const conflicts: Conflict[] = [];
  const canvas = mergeCanvas(base.canvas, mine.canvas, theirs.canvas, conflicts, false);
  const subgraphs = mergeMaps(base.subgraphs, mine.subgraphs, theirs.subgraphs, {
    same: sameSubgraph,
    merge: (before, one, other) => mergeSubgraph(before ?? one, one, other, conflicts),
    kept: (subgraph) => conflicts.push({ part: "group", name: subgraph.name, field: "" }),
  });
  return { document: { canvas, subgraphs }, conflicts };
}

function mergeSubgraph(base: Subgraph, mine: Subgraph, theirs: Subgraph, conflicts: Conflict[]): Subgraph {
  const clash = (field: string) => conflicts.push({ part: "group", name: mine.name, field });
  const head = ({ name, inputs, outputs }: Subgraph): JsonObject => ({
    name,
    inputs: inputs.map(withoutWires),
    outputs: outputs.map(withoutWires),
  });
  const merged = asObject(mergeJson(head(base), head(mine), head(theirs), clash));
  const canvas = mergeCanvas(base.canvas, mine.canvas, theirs.canvas, conflicts, true);
  return truthful({ ...mine, ...(merged as Pick<Subgraph, "name" | "inputs" | "outputs">), canvas });
}

function withoutWires({ linkIds: _, ...slot }: JsonObject): JsonObject {
  return slot;
}

function sameSubgraph(left: Subgraph, right: Subgraph): boolean {
  const told = (subgraph: Subgraph) => writeDocument({ canvas: subgraph.canvas, subgraphs: new Map() });
  return left.name === right.name && equal(told(left), told(right));
}

function mergeCanvas(base: Canvas, mine: Canvas, given: Canvas, conflicts: Conflict[], inner: boolean): Canvas {
  const theirs = renumbered(base, mine, given);
  const nodes = mergeMaps(base.nodes, mine.nodes, theirs.nodes, {
    same: sameNode,
    merge: (before, one, other) => mergeNode(before, one, other, conflicts),
    kept: (node) => conflicts.push({ part: "node", name: nameOf(node), field: "" }),
  });
  const links = mergeMaps(base.links, mine.links, theirs.links, {
    same: sameEnds,
    merge: (before, one, other) => (before && sameEnds(before, one) ? other : one),
    kept: () => undefined,
  });
  const reroutes = mergeMaps(base.reroutes, mine.reroutes, theirs.reroutes, {
    same: samePoint,
    merge: (before, one, other) => (before && samePoint(before, one) ? other : one),
    kept: () => undefined,
  });
  const groups = mergeGroups(base.groups, mine.groups, theirs.groups, conflicts);
  const raw = mergeFrame(base.raw, mine.raw, theirs.raw, conflicts);
  const highest = (key: "lastNodeId" | "lastLinkId" | "lastGroupId" | "lastRerouteId") =>
    Math.max(base[key], mine[key], theirs[key], ...(key === "lastNodeId" ? numbers(nodes.values()) : []));
  const merged = {
    nodes,
    links,
    groups,
    reroutes: mapped(reroutes, (point) => led(point, reroutes)),
    lastNodeId: highest("lastNodeId"),
    lastLinkId: Math.max(highest("lastLinkId"), ...links.keys()),
    lastGroupId: Math.max(highest("lastGroupId"), ...groups.map((group) => group.id ?? 0)),
    lastRerouteId: Math.max(highest("lastRerouteId"), ...reroutes.keys()),
    raw,
  };
  return settled({ ...merged, links: tenable(merged, mine, conflicts, inner) });
}

function mergeNode(base: GraphNode | undefined, mine: GraphNode, theirs: GraphNode, conflicts: Conflict[]): GraphNode {
  if (base === undefined || sameNode(mine, theirs) || sameNode(base, theirs)) return mine;
  if (sameNode(base, mine)) return theirs;
  const clash = (field: string) => {
    if (!DERIVED.has(field)) conflicts.push({ part: "node", name: nameOf(mine), field });
  };
  const merged = mergeJson(unwired(base), unwired(mine), unwired(theirs), clash);
  return readNode(merged ?? mine.raw, "");
}

/** A node as it is written, without what follows from wires. */
function unwired(node: GraphNode): JsonObject {
  return writeNode({
    ...node,
    inputs: node.inputs.map((slot) => ({ ...slot, link: null })),
    outputs: node.outputs.map((slot) => ({ ...slot, links: null })),
  });
}

function mergeGroups(
  base: readonly Group[],
  mine: readonly Group[],
  theirs: readonly Group[],
  conflicts: Conflict[],
): readonly Group[] {
  const byKey = (groups: readonly Group[]) =>
    new Map(
      groups.map((group, index) => [group.id === undefined ? `${index} ${group.title}` : String(group.id), group]),
    );
  const told = (group: Group) => conflicts.push({ part: "group", name: group.title, field: "" });
  const merged = mergeMaps(byKey(base), byKey(mine), byKey(theirs), {
    same: sameGroup,
    merge: (before, one, other) => {
      if (before && sameGroup(before, one)) return other;
      if (before && !sameGroup(before, other) && !sameGroup(one, other)) told(one);
      return one;
    },
    kept: told,
  });
  return [...merged.values()];
}

/** Merge what a canvas says beside its parts. */
function mergeFrame(base: JsonObject, mine: JsonObject, theirs: JsonObject, conflicts: Conflict[]): JsonObject {
  const frame = (raw: JsonObject) => Object.fromEntries(Object.entries(raw).filter(([key]) => !LISTS.has(key)));
  const clash = (field: string) => {
    const isView = OF_THE_VIEW.has(field) || field.startsWith("extra.") || field.startsWith("last_");
    if (!isView) conflicts.push({ part: "document", name: "", field });
  };
  const merged = asObject(mergeJson(frame(base), frame(mine), frame(theirs), clash));
  const lists = Object.entries({ ...theirs, ...mine }).filter(([key]) => LISTS.has(key));
  return { ...merged, ...Object.fromEntries(lists) };
}

/** The wires that can be: their ends are there, one leads into a socket, none in a circle. Mine come first. */
function tenable(canvas: Canvas, mine: Canvas, conflicts: Conflict[], inner: boolean): ReadonlyMap<number, Link> {
  const { nodes, links, reroutes } = canvas;
  const accepted = new Map<number, Link>();
  const taken = new Set<string>();
  const isMine = (link: Link) => mine.links.has(link.id);
  for (const link of [...links.values()].sort((a, b) => Number(isMine(b)) - Number(isMine(a)))) {
    if (!starts(nodes, link, inner) || !arrives(nodes, link, inner)) continue;
    const end = `${link.target} ${link.targetSlot}`;
    const circular = !isMine(link) && reaches({ ...canvas, links: accepted }, link.target, link.origin);
    if (circular || (taken.has(end) && link.target !== SUBGRAPH_OUTPUT)) {
      conflicts.push({ part: "wire", name: nameOf(nodes.get(String(link.target))), field: String(link.targetSlot) });
      continue;
    }
    taken.add(end);
    accepted.set(link.id, led(link, reroutes));
  }
  return new Map([...links.keys()].flatMap((id) => [accepted.get(id) ?? []].flat().map((link) => [id, link])));
}

/** The wire or point without its way to a point that is gone. */
function led<T extends { readonly parent?: number }>(part: T, reroutes: ReadonlyMap<number, Reroute>): T {
  if (part.parent === undefined || reroutes.has(part.parent)) return part;
  const { parent: _, ...free } = part;
  return free as T;
}

function starts(nodes: ReadonlyMap<string, GraphNode>, link: Link, inner: boolean): boolean {
  if (inner && link.origin === SUBGRAPH_INPUT) return true;
  return link.originSlot < (nodes.get(String(link.origin))?.outputs.length ?? 0);
}

function arrives(nodes: ReadonlyMap<string, GraphNode>, link: Link, inner: boolean): boolean {
  if (inner && link.target === SUBGRAPH_OUTPUT) return true;
  return link.targetSlot < (nodes.get(String(link.target))?.inputs.length ?? 0);
}

function nameOf(node: GraphNode | undefined): string {
  return node ? `${node.title || node.type} (${node.id})` : "";
}

function numbers(nodes: Iterable<GraphNode>): number[] {
  return [...nodes].map((node): NodeId => node.id).filter((id): id is number => typeof id === "number");
}
