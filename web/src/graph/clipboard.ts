/**
 * Nodes as text: what copying puts on the clipboard is a small document of its own, so it can be pasted into another
 * tab, another browser, a file or a mail.
 */
import {
  type Canvas,
  canvasAt,
  type Document,
  EMPTY_CANVAS,
  type GraphNode,
  type Link,
  type NodeId,
  type Point,
  type Scope,
  type Subgraph,
  subgraphAt,
  withCanvas,
} from "./document";
import { nodesIn } from "./edits/groups";
import { nextGroupId, nextLinkId, nextNodeId, nextRerouteId, settled } from "./edits/settle";
import { equal } from "./equal";
import { parseJson, writeJson } from "./json";
import { readDocument } from "./reading";
import { writeDocument } from "./writing";

/** The part of a document that some nodes are, with the wires between them and the frames around them alone. */
export function excerpt(document: Document, scope: Scope, ids: Iterable<NodeId>): Document {
  const canvas = canvasAt(document, scope);
  const wanted = new Set([...ids].map(String));
  const nodes = new Map([...canvas.nodes].filter(([id]) => wanted.has(id)));
  const links = new Map(
    [...canvas.links].filter(([, { origin, target }]) => nodes.has(String(origin)) && nodes.has(String(target))),
  );
  const groups = canvas.groups.filter((group) => {
    const inside = nodesIn(canvas, group);
    return inside.length > 0 && inside.every((node) => wanted.has(String(node.id)));
  });
  const reroutes = new Map([...canvas.reroutes].filter(([, point]) => point.linkIds.some((id) => links.has(id))));
  const sheet = settled({ ...EMPTY_CANVAS, nodes, links: inLists(links), groups, reroutes });
  return { canvas: sheet, subgraphs: used(document, nodes.values()) };
}

/** Wires of subgraphs are objects, those of a document's own canvas lists. */
function inLists(links: ReadonlyMap<number, Link>): ReadonlyMap<number, Link> {
  return new Map([...links].map(([id, link]) => [id, { ...link, raw: null }]));
}

/** The definitions that nodes need, those inside them too. */
function used(document: Document, nodes: Iterable<GraphNode>): Map<string, Subgraph> {
  const found = new Map<string, Subgraph>();
  const waiting = [...nodes];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const subgraph = document.subgraphs.get(node.type);
    if (!subgraph || found.has(subgraph.id)) continue;
    found.set(subgraph.id, subgraph);
    waiting.push(...subgraph.canvas.nodes.values());
  }
  return found;
}

export function copyText(document: Document, scope: Scope, ids: Iterable<NodeId>): string {
  return writeJson(writeDocument(excerpt(document, scope, ids)));
}

/** The document in a text, or undefined where it is none. */
export function pasteable(text: string): Document | undefined {
  try {
    return readDocument(parseJson(text));
  } catch {
    return undefined;
  }
}

/**
 * Put the nodes of one document into another.
 *
 * @param at where their upper left corner comes.
 * @returns the document and the ids of the new nodes; none where a subgraph would come to contain itself.
 */
export function pasted(
  document: Document,
  scope: Scope,
  part: Document,
  at: Point,
): { document: Document; ids: string[] } {
  const { subgraphs, names } = merged(document, part);
  const around = new Set(scope.map((_, depth) => subgraphAt(document, scope.slice(0, depth + 1))?.id));
  const inner = used({ canvas: part.canvas, subgraphs: part.subgraphs }, part.canvas.nodes.values());
  if ([...inner.keys()].some((id) => around.has(names.get(id) ?? id))) return { document, ids: [] };
  const canvas = canvasAt(document, scope);
  const { canvas: grown, ids } = joined(canvas, renamed(part.canvas, names), at);
  return { document: withCanvas({ ...document, subgraphs }, scope, grown), ids };
}

/** The definitions of both; one that differs from its namesake gets a name of its own. */
function merged(
  document: Document,
  part: Document,
): { subgraphs: ReadonlyMap<string, Subgraph>; names: Map<string, string> } {
  const names = new Map<string, string>();
  for (const subgraph of part.subgraphs.values()) {
    const known = document.subgraphs.get(subgraph.id);
    if (known && known !== subgraph && !alike(known, subgraph)) names.set(subgraph.id, crypto.randomUUID());
  }
  const news = [...part.subgraphs.values()].filter(
    (subgraph) => !document.subgraphs.has(subgraph.id) || names.has(subgraph.id),
  );
  if (news.length === 0) return { subgraphs: document.subgraphs, names };
  const added = news.map((subgraph): [string, Subgraph] => {
    const id = names.get(subgraph.id) ?? subgraph.id;
    return [id, { ...subgraph, id, canvas: renamed(subgraph.canvas, names) }];
  });
  return { subgraphs: new Map([...document.subgraphs, ...added]), names };
}

function alike(one: Subgraph, other: Subgraph): boolean {
  const written = (subgraph: Subgraph) =>
    writeDocument({ canvas: EMPTY_CANVAS, subgraphs: new Map([[subgraph.id, subgraph]]) });
  return equal(written(one), written(other));
}

/** A canvas whose instances point to the new names of their subgraphs. */
function renamed(canvas: Canvas, names: ReadonlyMap<string, string>): Canvas {
  if (names.size === 0) return canvas;
  const nodes = [...canvas.nodes].map(([id, node]): [string, GraphNode] => [
    id,
    { ...node, type: names.get(node.type) ?? node.type },
  ]);
  return { ...canvas, nodes: new Map(nodes) };
}

/** One canvas with everything of another on it, under new ids. */
function joined(canvas: Canvas, part: Canvas, at: Point): { canvas: Canvas; ids: string[] } {
  const corner = [
    Math.min(...[...part.nodes.values()].map((node) => node.pos[0])),
    Math.min(...[...part.nodes.values()].map((node) => node.pos[1])),
  ] as const;
  const moved = ([x, y]: Point): Point => [x - corner[0] + at[0], y - corner[1] + at[1]];
  const nodeIds = numbered(part.nodes.keys(), nextNodeId(canvas));
  const linkIds = numbered(part.links.keys(), nextLinkId(canvas));
  const pointIds = numbered(part.reroutes.keys(), nextRerouteId(canvas));
  const nodes = [...part.nodes.values()].map((node): [string, GraphNode] => {
    const id = nodeIds.get(String(node.id)) ?? 0;
    return [String(id), { ...node, id, pos: moved(node.pos) }];
  });
  const led = <T extends { readonly parent?: number }>(item: T): T =>
    item.parent === undefined ? item : { ...item, parent: pointIds.get(item.parent) ?? item.parent };
  const links = [...part.links.values()].map((link): [number, Link] => {
    const id = linkIds.get(link.id) ?? 0;
    const ends = { origin: nodeIds.get(String(link.origin)) ?? 0, target: nodeIds.get(String(link.target)) ?? 0 };
    return [id, led({ ...link, id, ...ends, raw: null })];
  });
  const points = [...part.reroutes.values()].map((point) => {
    const id = pointIds.get(point.id) ?? 0;
    return [id, led({ ...point, id, pos: moved(point.pos) })] as const;
  });
  const firstGroup = nextGroupId(canvas);
  const groups = part.groups.map((group, index) => ({ ...group, id: firstGroup + index, pos: moved(group.pos) }));
  const grown = settled({
    ...canvas,
    nodes: new Map([...canvas.nodes, ...nodes]),
    links: new Map([...canvas.links, ...links]),
    reroutes: new Map([...canvas.reroutes, ...points]),
    groups: [...canvas.groups, ...groups],
    lastNodeId: nextNodeId(canvas) + nodes.length - 1,
    lastLinkId: nextLinkId(canvas) + links.length - 1,
    lastRerouteId: nextRerouteId(canvas) + points.length - 1,
    lastGroupId: firstGroup + groups.length - 1,
  });
  return { canvas: grown, ids: nodes.map(([id]) => id) };
}

function numbered<K>(keys: Iterable<K>, first: number): Map<K, number> {
  return new Map([...keys].map((key, index) => [key, first + index]));
}
