/**
 * How a document is read from JSON. Every part keeps the JSON that it came from, so nothing is lost by not being known;
 * only what would make the graph meaningless is refused. The Python side is `engine/canvas_reading.py`.
 */
import { t } from "../words";
import type {
  Canvas,
  Document,
  GraphNode,
  Group,
  InputSlot,
  Link,
  NodeId,
  OutputSlot,
  Point,
  Reroute,
  Size,
  Subgraph,
} from "./document";
import { asList, asNumber, asObject, asText, isList, isObject, type Json, type JsonObject } from "./json";

/** A text that is no document; the message is one sentence that names the place. */
export class BadDocument extends Error {}

/** Classes that have another name by now; what is not changed is saved under the name that it had. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["T2IAdapterLoader", "ControlNetLoader"],
  ["ConditioningAverage ", "ConditioningAverage"],
  ["SDV_img2vid_Conditioning", "SVD_img2vid_Conditioning"],
]);
const DEFAULT_SIZE: Size = [240, 100];

export function isWorkflow(data: unknown): data is JsonObject {
  return isObject(data) && isList(data.nodes);
}

/** @throws BadDocument when the form is wrong. */
export function readDocument(data: unknown): Document {
  if (!isWorkflow(data)) throw new BadDocument(t("document.notOne"));
  return { canvas: readCanvas(data, ""), subgraphs: readSubgraphs(data) };
}

/** Collect all definitions, those that are written inside others too. */
function readSubgraphs(data: JsonObject): Map<string, Subgraph> {
  const found = new Map<string, Subgraph>();
  const waiting = [...definitions(data)].reverse();
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const subgraph = readSubgraph(entry);
    if (found.has(subgraph.id)) throw twice("definitions", subgraph.id);
    found.set(subgraph.id, subgraph);
    waiting.push(...[...definitions(asObject(entry))].reverse());
  }
  return found;
}

/** The definitions of subgraphs that are written in a canvas. */
export function definitions(holder: JsonObject): readonly Json[] {
  return asList(asObject(holder.definitions).subgraphs);
}

function readSubgraph(entry: Json): Subgraph {
  if (!isObject(entry) || typeof entry.id !== "string") throw wrong("definitions", "subgraphs with an id");
  const place = `subgraph ${entry.id}`;
  return {
    id: entry.id,
    name: asText(entry.name),
    inputs: asList(entry.inputs).filter(isObject),
    outputs: asList(entry.outputs).filter(isObject),
    canvas: readCanvas(entry, place),
    raw: entry,
  };
}

function readCanvas(entry: JsonObject, place: string): Canvas {
  const extra = asObject(entry.extra);
  const state = asObject(entry.state);
  const parents = new Map(asList(extra.linkExtensions).map((item) => [asObject(item).id, asObject(item).parentId]));
  const nodes = unique(
    asList(entry.nodes).map((item, index) => readNode(item, at(place, `nodes[${index}]`))),
    (node) => String(node.id),
    at(place, "nodes"),
  );
  const links = unique(
    asList(entry.links).map((item, index) => readLink(item, parents, at(place, `links[${index}]`))),
    (link) => link.id,
    at(place, "links"),
  );
  const groups = asList(entry.groups).map(readGroup);
  const reroutes = unique(
    asList(entry.reroutes ?? extra.reroutes).map((item) => readReroute(item, place)),
    (reroute) => reroute.id,
    at(place, "reroutes"),
  );
  return {
    nodes,
    links,
    groups,
    reroutes,
    lastNodeId: Math.max(asNumber(entry.last_node_id), asNumber(state.lastNodeId)),
    lastLinkId: Math.max(asNumber(entry.last_link_id), asNumber(state.lastLinkId)),
    lastGroupId: asNumber(state.lastGroupId),
    lastRerouteId: asNumber(state.lastRerouteId),
    raw: entry,
  };
}

/** @param data as it was written. */
export function readNode(data: Json, place: string): GraphNode {
  if (!isObject(data)) throw wrong(place, "an object");
  if (!isNodeId(data.id)) throw wrong(place, "a node with an id");
  if (typeof data.type !== "string") throw wrong(at(place, `node ${data.id}`), 'a text as "type"');
  const values = isList(data.widgets_values) || isObject(data.widgets_values) ? data.widgets_values : undefined;
  return {
    id: data.id,
    type: RENAMED.get(data.type) ?? data.type,
    pos: readPoint(data.pos),
    size: readPoint(data.size, DEFAULT_SIZE),
    mode: asNumber(data.mode),
    collapsed: asObject(data.flags).collapsed === true,
    inputs: asList(data.inputs).map(readInput),
    outputs: asList(data.outputs).map(readOutput),
    values,
    properties: asObject(data.properties),
    raw: data,
    ...texts(data, ["title", "color", "bgcolor"]),
  };
}

export function readInput(data: Json): InputSlot {
  const entry = asObject(data);
  const widget = asObject(entry.widget).name;
  const link = typeof entry.link === "number" ? entry.link : null;
  const slot = { name: asText(entry.name), type: entry.type ?? "*", link, raw: entry };
  return typeof widget === "string" ? { ...slot, widget } : slot;
}

export function readOutput(data: Json): OutputSlot {
  const entry = asObject(data);
  const links = isList(entry.links) ? entry.links.filter((link): link is number => typeof link === "number") : null;
  return { name: asText(entry.name), type: entry.type ?? "*", links, raw: entry };
}

/** @param parents the last reroute point of a wire by its id, as version 0.4 tells it beside the wires. */
export function readLink(data: Json, parents: ReadonlyMap<Json | undefined, Json | undefined>, place: string): Link {
  const named = asObject(data);
  const [id, origin, originSlot, target, targetSlot, type] = isList(data)
    ? data
    : [named.id, named.origin_id, named.origin_slot, named.target_id, named.target_slot, named.type];
  const whole = typeof id === "number" && typeof originSlot === "number" && typeof targetSlot === "number";
  if (!whole || !isNodeId(origin) || !isNodeId(target)) {
    throw wrong(place, "[id, origin id, origin slot, target id, target slot, type]");
  }
  const parent = named.parentId ?? parents.get(id);
  const link = { id, origin, originSlot, target, targetSlot, type: type ?? "*", raw: data };
  return typeof parent === "number" ? { ...link, parent } : link;
}

export function readReroute(data: Json, place: string): Reroute {
  const entry = asObject(data);
  if (typeof entry.id !== "number") throw wrong(at(place, "reroutes"), "points with an id");
  const linkIds = asList(entry.linkIds).filter((id): id is number => typeof id === "number");
  const reroute = { id: entry.id, pos: readPoint(entry.pos), linkIds, raw: entry };
  return typeof entry.parentId === "number" ? { ...reroute, parent: entry.parentId } : reroute;
}

export function readGroup(data: Json): Group {
  const entry = asObject(data);
  const [x, y, width, height] = asList(entry.bounding).map((value) => asNumber(value));
  return {
    title: asText(entry.title),
    pos: [x ?? 0, y ?? 0],
    size: [width ?? 140, height ?? 80],
    raw: entry,
    ...(typeof entry.id === "number" ? { id: entry.id } : {}),
    ...texts(entry, ["color"]),
  };
}

/** A pair of numbers; old documents have it as an object with the keys 0 and 1. */
export function readPoint(value: Json | undefined, otherwise: Point = [0, 0]): Point {
  const pair = isList(value) ? value : [asObject(value)["0"], asObject(value)["1"]];
  return [asNumber(pair[0], otherwise[0]), asNumber(pair[1], otherwise[1])];
}

function texts<K extends string>(entry: JsonObject, keys: readonly K[]): { [key in K]?: string } {
  const found = keys.filter((key) => typeof entry[key] === "string").map((key) => [key, entry[key]]);
  return Object.fromEntries(found) as { [key in K]?: string };
}

function isNodeId(value: unknown): value is NodeId {
  return typeof value === "number" || typeof value === "string";
}

function unique<K extends string | number, T>(items: readonly T[], key: (item: T) => K, place: string): Map<K, T> {
  const found = new Map(items.map((item) => [key(item), item]));
  if (found.size === items.length) return found;
  const repeated = items.find((item, index) => items.findIndex((other) => key(other) === key(item)) !== index);
  throw twice(place, repeated === undefined ? "" : key(repeated));
}

function at(place: string, part: string): string {
  return place ? `${place}, ${part}` : part;
}

function wrong(place: string, expected: string): BadDocument {
  return new BadDocument(t("document.wrong", { place, expected }));
}

function twice(place: string, id: string | number): BadDocument {
  return new BadDocument(t("document.twice", { place, id }));
}
