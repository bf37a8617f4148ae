/** Ids that two sides gave out without knowing of each other: those of the second side become others. */
import type { Canvas, GraphNode, Group, Link, NodeId, Reroute } from "./document";
import { mapped } from "./edits/settle";
import { equal } from "./equal";
import type { Json } from "./json";

/** `theirs` with every part that it added under an id under which `mine` added another one under a new id. */
export function renumbered(base: Canvas, mine: Canvas, theirs: Canvas): Canvas {
  const sides = [base, mine, theirs];
  const nodes = fresh(base.nodes, mine.nodes, theirs.nodes, highestNode(sides), sameNode);
  const points = fresh(base.reroutes, mine.reroutes, theirs.reroutes, highestPoint(sides), samePoint);
  const led = mapped(theirs.links, (link) => withEnds(link, nodes, points));
  const links = fresh(base.links, mine.links, led, highestLink(sides), sameEnds);
  const groups = freshGroups(base.groups, mine.groups, theirs.groups);
  if (nodes.size + links.size + points.size === 0 && groups === theirs.groups) return theirs;
  const ways = mapped(theirs.reroutes, (point) => withWay(point, links, points));
  return {
    ...theirs,
    nodes: rekeyed(theirs.nodes, nodes, (node, id): GraphNode => ({ ...node, id })),
    links: rekeyed(led, links, (link, id): Link => ({ ...link, id })),
    reroutes: rekeyed(ways, points, (point, id): Reroute => ({ ...point, id })),
    groups,
  };
}

/** A new number for each part that both sides added differently. */
function fresh<K, V>(
  base: ReadonlyMap<K, V>,
  mine: ReadonlyMap<K, V>,
  theirs: ReadonlyMap<K, V>,
  highest: number,
  same: (left: V, right: V) => boolean,
): ReadonlyMap<K, number> {
  const numbers = new Map<K, number>();
  for (const [key, value] of theirs) {
    const other = mine.get(key);
    if (other === undefined || base.has(key) || same(other, value)) continue;
    numbers.set(key, highest + numbers.size + 1);
  }
  return numbers;
}

function rekeyed<K extends string | number, V>(
  map: ReadonlyMap<K, V>,
  numbers: ReadonlyMap<K, number>,
  named: (value: V, id: number) => V,
): ReadonlyMap<K, V> {
  if (numbers.size === 0) return map;
  const entries = [...map].map(([key, value]): [K, V] => {
    const id = numbers.get(key);
    if (id === undefined) return [key, value];
    return [(typeof key === "string" ? String(id) : id) as K, named(value, id)];
  });
  return new Map(entries);
}

function withEnds(link: Link, nodes: ReadonlyMap<string, number>, points: ReadonlyMap<number, number>): Link {
  const origin = nodes.get(String(link.origin)) ?? link.origin;
  const target = nodes.get(String(link.target)) ?? link.target;
  const parent = link.parent === undefined ? undefined : (points.get(link.parent) ?? link.parent);
  if (origin === link.origin && target === link.target && parent === link.parent) return link;
  return { ...link, origin, target, ...(parent === undefined ? {} : { parent }) };
}

function withWay(point: Reroute, links: ReadonlyMap<number, number>, points: ReadonlyMap<number, number>): Reroute {
  const linkIds = point.linkIds.map((id) => links.get(id) ?? id);
  const parent = point.parent === undefined ? {} : { parent: points.get(point.parent) ?? point.parent };
  return { ...point, linkIds, ...parent };
}

function freshGroups(base: readonly Group[], mine: readonly Group[], theirs: readonly Group[]): readonly Group[] {
  const taken = new Map(mine.map((group) => [group.id, group]));
  const before = new Set(base.map((group) => group.id));
  let highest = Math.max(0, ...[...mine, ...theirs, ...base].map((group) => group.id ?? 0));
  let changed = false;
  const named = theirs.map((group) => {
    const other = taken.get(group.id);
    if (group.id === undefined || other === undefined || before.has(group.id) || sameGroup(other, group)) return group;
    changed = true;
    highest += 1;
    return { ...group, id: highest };
  });
  return changed ? named : theirs;
}

/** What of a node does not follow from wires. */
export function sameNode(left: GraphNode, right: GraphNode): boolean {
  const told = ({ raw: _, inputs, outputs, ...rest }: GraphNode) =>
    ({
      ...rest,
      inputs: inputs.map(({ name, type, widget }) => [name, type, widget ?? null]),
      outputs: outputs.map(({ name, type }) => [name, type]),
    }) as unknown as Json;
  return equal(told(left), told(right));
}

export function sameEnds(left: Link, right: Link): boolean {
  const ends = ({ origin, originSlot, target, targetSlot, parent }: Link): Json => [
    String(origin),
    originSlot,
    String(target),
    targetSlot,
    parent ?? null,
  ];
  return equal(ends(left), ends(right));
}

export function samePoint(left: Reroute, right: Reroute): boolean {
  return equal(left.pos, right.pos) && left.parent === right.parent;
}

export function sameGroup(left: Group, right: Group): boolean {
  const { raw: _, ...one } = left;
  const { raw: __, ...other } = right;
  return equal(one as unknown as Json, other as unknown as Json);
}

function highestNode(canvases: readonly Canvas[]): number {
  const ids = canvases.flatMap(({ nodes, lastNodeId }) => [...[...nodes.values()].map((node) => node.id), lastNodeId]);
  return highestOf(ids);
}

function highestLink(canvases: readonly Canvas[]): number {
  return highestOf(canvases.flatMap(({ links, lastLinkId }) => [...links.keys(), lastLinkId]));
}

function highestPoint(canvases: readonly Canvas[]): number {
  return highestOf(canvases.flatMap(({ reroutes, lastRerouteId }) => [...reroutes.keys(), lastRerouteId]));
}

function highestOf(ids: readonly NodeId[]): number {
  return ids.reduce((most: number, id) => (typeof id === "number" ? Math.max(most, id) : most), 0);
}
