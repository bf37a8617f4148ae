/** What keeps a canvas true after its nodes and wires were changed: slots and reroute points follow the wires. */
import {
  type Canvas,
  type GraphNode,
  type InputSlot,
  kept,
  type Link,
  type OutputSlot,
  type Reroute,
} from "../document";

/** The canvas with everything that the table of wires decides made true again; what is true stays the same object. */
export function settled(canvas: Canvas): Canvas {
  const starts = new Map<string, number[]>();
  const ends = new Map<string, number>();
  for (const link of canvas.links.values()) {
    const start = `${link.origin} ${link.originSlot}`;
    starts.set(start, [...(starts.get(start) ?? []), link.id]);
    ends.set(`${link.target} ${link.targetSlot}`, link.id);
  }
  const nodes = mapped(canvas.nodes, (node) => withWires(node, starts, ends));
  return { ...canvas, nodes, reroutes: withLinks(canvas) };
}

function withWires(
  node: GraphNode,
  starts: ReadonlyMap<string, number[]>,
  ends: ReadonlyMap<string, number>,
): GraphNode {
  const inputs = kept(node.inputs, (slot, index): InputSlot => {
    const link = ends.get(`${node.id} ${index}`) ?? null;
    return link === slot.link ? slot : { ...slot, link };
  });
  const outputs = kept(node.outputs, (slot, index): OutputSlot => {
    const links = starts.get(`${node.id} ${index}`) ?? [];
    return sameSet(links, slot.links ?? []) ? slot : { ...slot, links };
  });
  return inputs === node.inputs && outputs === node.outputs ? node : { ...node, inputs, outputs };
}

/** The reroute points of a wire, the last first. */
export function chain(link: Link, reroutes: ReadonlyMap<number, Reroute>): Reroute[] {
  const points: Reroute[] = [];
  let point = link.parent === undefined ? undefined : reroutes.get(link.parent);
  while (point && !points.includes(point)) {
    points.push(point);
    point = point.parent === undefined ? undefined : reroutes.get(point.parent);
  }
  return points;
}

function withLinks(canvas: Canvas): ReadonlyMap<number, Reroute> {
  if (canvas.reroutes.size === 0) return canvas.reroutes;
  const through = new Map<number, number[]>();
  for (const link of canvas.links.values()) {
    for (const point of chain(link, canvas.reroutes))
      through.set(point.id, [...(through.get(point.id) ?? []), link.id]);
  }
  return mapped(canvas.reroutes, (reroute) => {
    const linkIds = through.get(reroute.id) ?? [];
    return sameSet(linkIds, reroute.linkIds) ? reroute : { ...reroute, linkIds };
  });
}

/** A map with every value changed; the map itself where none was. */
export function mapped<K, V>(map: ReadonlyMap<K, V>, change: (value: V) => V): ReadonlyMap<K, V> {
  let changed: Map<K, V> | undefined;
  for (const [key, value] of map) {
    const now = change(value);
    if (now === value) continue;
    changed ??= new Map(map);
    changed.set(key, now);
  }
  return changed ?? map;
}

function sameSet(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((item) => right.includes(item));
}

/** An id that no node of the canvas has or ever had. */
export function nextNodeId(canvas: Canvas): number {
  const taken = [...canvas.nodes.values()].map((node) => node.id).filter((id): id is number => typeof id === "number");
  return highest(taken, canvas.lastNodeId) + 1;
}

export function nextLinkId(canvas: Canvas): number {
  return highest(canvas.links.keys(), canvas.lastLinkId) + 1;
}

export function nextRerouteId(canvas: Canvas): number {
  return highest(canvas.reroutes.keys(), canvas.lastRerouteId) + 1;
}

export function nextGroupId(canvas: Canvas): number {
  const taken = canvas.groups.map((group) => group.id ?? 0);
  return highest(taken, canvas.lastGroupId) + 1;
}

function highest(numbers: Iterable<number>, least: number): number {
  let found = least;
  for (const number of numbers) found = Math.max(found, number);
  return found;
}
