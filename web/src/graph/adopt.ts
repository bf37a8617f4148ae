/** A document that came from elsewhere, made of our own parts wherever they are the same: what did not change is `===`. */
import type { Canvas, Document, Subgraph } from "./document";
import { equal } from "./equal";
import type { Json } from "./json";

export function withOwnParts(own: Document, other: Document): Document {
  const canvas = adopted(own.canvas, other.canvas);
  const subgraphs = adoptedMap(own.subgraphs, other.subgraphs, (before, after) => {
    const inner = adopted(before.canvas, after.canvas);
    const { canvas: _, ...rest } = before;
    const { canvas: __, ...told } = after;
    return inner === before.canvas && alike(rest, told) ? before : ({ ...after, canvas: inner } satisfies Subgraph);
  });
  return canvas === own.canvas && subgraphs === own.subgraphs ? own : { canvas, subgraphs };
}

function adopted(own: Canvas, other: Canvas): Canvas {
  const parts = {
    nodes: adoptedMap(own.nodes, other.nodes, either),
    links: adoptedMap(own.links, other.links, either),
    reroutes: adoptedMap(own.reroutes, other.reroutes, either),
    groups: alike(own.groups, other.groups) ? own.groups : other.groups,
    raw: alike(own.raw, other.raw) ? own.raw : other.raw,
  };
  const { lastNodeId, lastLinkId, lastGroupId, lastRerouteId } = other;
  const canvas: Canvas = { ...parts, lastNodeId, lastLinkId, lastGroupId, lastRerouteId };
  const keys = Object.keys(canvas) as (keyof Canvas)[];
  return keys.every((key) => canvas[key] === own[key]) ? own : canvas;
}

function adoptedMap<K, V>(own: ReadonlyMap<K, V>, other: ReadonlyMap<K, V>, take: (own: V, other: V) => V) {
  const taken = new Map<K, V>();
  for (const [key, value] of other) {
    const before = own.get(key);
    taken.set(key, before === undefined ? value : take(before, value));
  }
  const keys = [...own.keys()];
  const isSame =
    taken.size === keys.length &&
    [...taken].every(([key, value], index) => own.get(key) === value && keys[index] === key);
  return isSame ? own : taken;
}

function either<T>(own: T, other: T): T {
  return alike(own, other) ? own : other;
}

function alike(left: unknown, right: unknown): boolean {
  return equal(left as Json, right as Json);
}
