/**
 * Where nodes stand when nobody placed them: in columns from left to right, each to the right of what feeds it.
 *
 * The Python side is `engine/layout.py`; both put the same nodes at the same places.
 */
import type { Point, Size } from "./document";

const GAP_X = 80;
const GAP_Y = 60;
const SWEEPS = 4;

type Neighbours = ReadonlyMap<string, readonly string[]>;

/**
 * The upper left corner of every node; no two of them overlap.
 *
 * @param wires pairs of nodes, the first feeding the second; circles are allowed.
 */
export function inColumns(
  sizes: ReadonlyMap<string, Size>,
  wires: Iterable<readonly [string, string]>,
): Map<string, Point> {
  const keys = [...sizes.keys()];
  const pairs = distinct(wires);
  const below = neighbours(keys, pairs);
  const above = neighbours(
    keys,
    pairs.map(([source, target]) => [target, source]),
  );
  const places = new Map<string, Point>();
  let x = 0;
  for (const column of uncrossed(columnsOf(keys, below, above), below, above)) {
    let y = 0;
    for (const key of column) {
      places.set(key, [x, y]);
      y += (sizes.get(key)?.[1] ?? 0) + GAP_Y;
    }
    x += column.reduce((widest, key) => Math.max(widest, sizes.get(key)?.[0] ?? 0), 0) + GAP_X;
  }
  return places;
}

function distinct(wires: Iterable<readonly [string, string]>): (readonly [string, string])[] {
  const targets = new Map<string, Set<string>>();
  return [...wires].filter(([source, target]) => {
    const known = targets.get(source) ?? new Set();
    const isNew = source !== target && !known.has(target);
    targets.set(source, known.add(target));
    return isNew;
  });
}

function neighbours(keys: readonly string[], pairs: readonly (readonly [string, string])[]): Neighbours {
  const found = new Map<string, string[]>(keys.map((key) => [key, []]));
  for (const [source, target] of pairs) found.get(source)?.push(target);
  return found;
}

/** Put every node one column to the right of the last that feeds it, and what nothing feeds next to its use. */
function columnsOf(keys: readonly string[], below: Neighbours, above: Neighbours): string[][] {
  const level = levels(keys, below, above);
  const at = (key: string) => level.get(key) ?? 0;
  for (const [key, targets] of below) {
    const isStart = of(above, key).length === 0 && targets.length > 0;
    if (isStart)
      level.set(
        key,
        Math.max(0, targets.reduce((least, target) => Math.min(least, at(target)), at(targets[0] ?? "")) - 1),
      );
  }
  const columns = new Map<number, string[]>();
  for (const key of keys) {
    const column = columns.get(at(key)) ?? [];
    columns.set(at(key), column);
    column.push(key);
  }
  return [...columns].sort(([one], [other]) => one - other).map(([, column]) => column);
}

/** The length of the longest way to every node; a circle is opened at the first node of it in the list. */
function levels(keys: readonly string[], below: Neighbours, above: Neighbours): Map<string, number> {
  const waiting = new Map(keys.map((key) => [key, of(above, key).length]));
  const level = new Map(keys.map((key) => [key, 0]));
  const ready = keys.filter((key) => waiting.get(key) === 0);
  const done = new Set<string>();
  const enter = (target: string, from: number) => {
    const left = (waiting.get(target) ?? 0) - 1;
    waiting.set(target, left);
    if (done.has(target)) return;
    level.set(target, Math.max(level.get(target) ?? 0, from + 1));
    if (left === 0) ready.push(target);
  };
  const rest = keys.values();
  for (let next = 0; done.size < keys.length; ) {
    const key = ready[next] ?? rest.next().value ?? "";
    if (next < ready.length) next += 1;
    if (done.has(key)) continue;
    done.add(key);
    for (const target of of(below, key)) enter(target, level.get(key) ?? 0);
  }
  return level;
}

/** Sort every column by where the neighbours of its nodes stand, to and fro, so that wires cross less. */
function uncrossed(columns: string[][], below: Neighbours, above: Neighbours): string[][] {
  const rank = new Map(columns.flatMap((column) => column.map((key, index): [string, number] => [key, index])));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    for (const column of isForward ? columns : columns.toReversed()) {
      const middle = new Map(column.map((key) => [key, mean(key, of(isForward ? above : below, key), rank)]));
      column.sort((one, other) => (middle.get(one) ?? 0) - (middle.get(other) ?? 0));
      for (const [index, key] of column.entries()) rank.set(key, index);
    }
  }
  return columns;
}

function mean(key: string, near: readonly string[], rank: ReadonlyMap<string, number>): number {
  if (near.length === 0) return rank.get(key) ?? 0;
  return near.reduce((sum, other) => sum + (rank.get(other) ?? 0), 0) / near.length;
}

function of(neighbours: Neighbours, key: string): readonly string[] {
  return neighbours.get(key) ?? [];
}
