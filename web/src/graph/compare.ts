/** What is different between two versions of a document, in nodes and wires, subgraphs included. */
import type { Canvas, Document, GraphNode, Link } from "./document";
import { sameEnds, sameNode } from "./renumber";

export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** How many wires are there in one only. */
  readonly wires: number;
}

/** From `before` to `after`; nodes by their titles. */
export function compare(before: Document, after: Document): Difference {
  const [old, now] = [nodesOf(before), nodesOf(after)];
  const titles = (nodes: readonly GraphNode[]) => nodes.map((node) => node.title || node.type);
  const shared = [...now].flatMap(([id, node]) => {
    const other = old.get(id);
    return other && !sameNode(other, node) ? [node] : [];
  });
  return {
    added: titles([...now].filter(([id]) => !old.has(id)).map(([, node]) => node)),
    removed: titles([...old].filter(([id]) => !now.has(id)).map(([, node]) => node)),
    changed: titles(shared),
    wires: wiresApart(before, after),
  };
}

export function isSame({ added, removed, changed, wires }: Difference): boolean {
  return added.length + removed.length + changed.length + wires === 0;
}

function canvases({ canvas, subgraphs }: Document): readonly (readonly [string, Canvas])[] {
  return [["", canvas], ...[...subgraphs].map(([id, subgraph]) => [id, subgraph.canvas] as const)];
}

function nodesOf(document: Document): ReadonlyMap<string, GraphNode> {
  return new Map(
    canvases(document).flatMap(([scope, { nodes }]) => [...nodes].map(([id, node]) => [`${scope}:${id}`, node])),
  );
}

function wiresApart(before: Document, after: Document): number {
  const [old, now] = [linksOf(before), linksOf(after)];
  const alone = (one: ReadonlyMap<string, Link>, other: ReadonlyMap<string, Link>) =>
    [...one].filter(([id, link]) => {
      const there = other.get(id);
      return !there || !sameEnds(there, link);
    }).length;
  return Math.max(alone(old, now), alone(now, old));
}

function linksOf(document: Document): ReadonlyMap<string, Link> {
  return new Map(
    canvases(document).flatMap(([scope, { links }]) => [...links].map(([id, link]) => [`${scope}:${id}`, link])),
  );
}
