/**
 * How a document is written: what was read and not changed comes out as it went in, key by key.
 *
 * Each part is written by comparing what it says now with what its `raw` JSON said, and putting the differences there.
 */
import type { Canvas, Document, GraphNode, Group, InputSlot, Link, OutputSlot, Reroute, Subgraph } from "./document";
import { equal } from "./equal";
import { asList, asObject, isObject, type Json, type JsonObject } from "./json";
import { definitions, readGroup, readInput, readLink, readNode, readOutput, readReroute } from "./reading";

type Fields = Readonly<Record<string, Json | undefined>>;

export const VERSION = 0.4;

export function writeDocument(document: Document): JsonObject {
  const nested = nestedIds(document);
  const own = [...document.subgraphs.values()].filter((subgraph) => !nested.has(subgraph.id));
  const written = writeCanvas(document.canvas, false);
  if (own.length === 0 && definitions(document.canvas.raw).length === 0) return written;
  const subgraphs = own.map((subgraph) => writeSubgraph(subgraph, document));
  return { ...written, definitions: { ...asObject(written.definitions), subgraphs } };
}

/** The definitions that are written inside other definitions. */
function nestedIds(document: Document): ReadonlySet<Json | undefined> {
  const entries = [...document.subgraphs.values()].flatMap((subgraph) => definitions(subgraph.raw));
  return new Set(entries.map((entry) => asObject(entry).id));
}

function writeSubgraph(subgraph: Subgraph, document: Document): JsonObject {
  const { id, name, inputs, outputs, raw } = subgraph;
  const head = patched(
    raw,
    { id, name, inputs, outputs },
    { id: raw.id, name: raw.name ?? "", inputs: asList(raw.inputs), outputs: asList(raw.outputs) },
  );
  const written = { ...head, ...writeCanvas({ ...subgraph.canvas, raw: head }, true) };
  const inner = definitions(raw);
  if (inner.length === 0) return written;
  const subgraphs = inner.map((entry) => {
    const found = document.subgraphs.get(String(asObject(entry).id));
    return found ? writeSubgraph(found, document) : entry;
  });
  return { ...written, definitions: { ...asObject(raw.definitions), subgraphs } };
}

function writeCanvas(canvas: Canvas, inSubgraph: boolean): JsonObject {
  const { raw } = canvas;
  const asObjects = inSubgraph || raw.version === 1;
  const lists = {
    nodes: [...canvas.nodes.values()].map(writeNode),
    links: [...canvas.links.values()].map((link) => writeLink(link, asObjects)),
    groups: canvas.groups.map(writeGroup),
  };
  const told = Object.entries(lists).filter(([key, list]) => list.length > 0 || key in raw || isNew(raw));
  const written = { ...counters(canvas, asObjects), ...raw, ...Object.fromEntries(told), ...counted(canvas) };
  return writeReroutes(
    canvas,
    isNew(raw) ? { ...written, config: {}, extra: {}, version: VERSION } : written,
    asObjects,
  );
}

/** The counters of a document that had none; they come first, as ComfyUI writes them. */
function counters(canvas: Canvas, asObjects: boolean): JsonObject {
  if (!isNew(canvas.raw)) return {};
  const { lastNodeId, lastLinkId, lastGroupId, lastRerouteId } = canvas;
  if (asObjects) return { state: { lastGroupId, lastNodeId, lastLinkId, lastRerouteId } };
  return { last_node_id: lastNodeId, last_link_id: lastLinkId };
}

/** The counters that are told and have risen; they never fall. */
function counted(canvas: Canvas): JsonObject {
  const { raw } = canvas;
  const state = asObject(raw.state);
  const names = {
    lastNodeId: canvas.lastNodeId,
    lastLinkId: canvas.lastLinkId,
    lastGroupId: canvas.lastGroupId,
    lastRerouteId: canvas.lastRerouteId,
  };
  return {
    ...risen(raw, { last_node_id: canvas.lastNodeId, last_link_id: canvas.lastLinkId }),
    ...(isObject(raw.state) ? { state: { ...state, ...risen(state, names) } } : {}),
  };
}

function risen(told: JsonObject, counts: Readonly<Record<string, number>>): JsonObject {
  const higher = Object.entries(counts).filter(([key, count]) => typeof told[key] === "number" && told[key] < count);
  return Object.fromEntries(higher);
}

function writeReroutes(canvas: Canvas, written: JsonObject, asObjects: boolean): JsonObject {
  const reroutes = [...canvas.reroutes.values()].map(writeReroute);
  const extra = asObject(written.extra);
  const onTop = "reroutes" in canvas.raw || (asObjects && !("reroutes" in extra));
  if (onTop) return reroutes.length > 0 || "reroutes" in canvas.raw ? { ...written, reroutes } : written;
  const points = reroutes.length > 0 || "reroutes" in extra ? { reroutes } : {};
  const inner = { ...extra, ...points, ...extensions(canvas, extra) };
  return equal(inner, extra) ? written : { ...written, extra: inner };
}

/** Which wire goes through which point, where wires are lists; in the old order as long as it is still true. */
function extensions(canvas: Canvas, extra: JsonObject): JsonObject {
  const led = [...canvas.links.values()].filter((link) => !isObject(link.raw) && link.parent !== undefined);
  const before = asList(extra.linkExtensions)
    .map(asObject)
    .filter((item) => typeof item.id === "number" && canvas.links.has(item.id));
  const told = new Map(before.map((item) => [item.id, item.parentId]));
  const isTrue = told.size === led.length && led.every((link) => told.get(link.id) === link.parent);
  if (isTrue) return "linkExtensions" in extra ? { linkExtensions: extra.linkExtensions ?? [] } : {};
  return { linkExtensions: led.map((link) => ({ id: link.id, parentId: link.parent ?? null })) };
}

/** Nodes are values, so what was written of one stays true of it: keeping a document costs what changed in it. */
const writtenNodes = new WeakMap<GraphNode, JsonObject>();

export function writeNode(node: GraphNode): JsonObject {
  const known = writtenNodes.get(node);
  if (known) return known;
  const before = isNew(node.raw) ? undefined : nodeFields(readNode(node.raw, ""));
  const written = patched(node.raw, nodeFields(node), before);
  writtenNodes.set(node, written);
  return written;
}

function nodeFields(node: GraphNode): Fields {
  const { collapsed: _, ...flags } = asObject(node.raw.flags);
  return {
    id: node.id,
    type: node.type,
    pos: node.pos,
    size: node.size,
    flags: node.collapsed ? { ...flags, collapsed: true } : flags,
    order: node.raw.order ?? 0,
    mode: node.mode,
    inputs: node.inputs.map(writeInput),
    outputs: node.outputs.map(writeOutput),
    title: node.title,
    properties: node.properties,
    widgets_values: node.values,
    color: node.color,
    bgcolor: node.bgcolor,
  };
}

function writeInput(slot: InputSlot): JsonObject {
  const fields = ({ name, type, link, widget }: InputSlot): Fields => ({
    name,
    type,
    widget: widget === undefined ? undefined : { name: widget },
    link,
  });
  return patched(slot.raw, fields(slot), isNew(slot.raw) ? undefined : fields(readInput(slot.raw)));
}

function writeOutput(slot: OutputSlot): JsonObject {
  const fields = ({ name, type, links }: OutputSlot): Fields => ({ name, type, links });
  return patched(slot.raw, fields(slot), isNew(slot.raw) ? undefined : fields(readOutput(slot.raw)));
}

function writeLink(link: Link, asObjects: boolean): Json {
  const { id, origin, originSlot, target, targetSlot, type } = link;
  const isObjects = link.raw === null ? asObjects : isObject(link.raw);
  if (isObjects) {
    const fields = (from: Link): Fields => ({
      id: from.id,
      origin_id: from.origin,
      origin_slot: from.originSlot,
      target_id: from.target,
      target_slot: from.targetSlot,
      type: from.type,
      parentId: from.parent,
    });
    const before = isObject(link.raw) ? fields(readLink(link.raw, new Map(), "")) : undefined;
    return patched(asObject(link.raw), fields(link), before);
  }
  const raw = asList(link.raw);
  const written = type === "*" && raw[5] === null ? null : type;
  const ends = [id, origin, originSlot, target, targetSlot];
  return raw.length === ends.length ? ends : [...ends, written, ...raw.slice(6)];
}

function writeReroute(reroute: Reroute): JsonObject {
  const fields = ({ id, pos, parent, linkIds }: Reroute): Fields => ({ id, parentId: parent, pos, linkIds });
  return patched(reroute.raw, fields(reroute), isNew(reroute.raw) ? undefined : fields(readReroute(reroute.raw, "")));
}

function writeGroup(group: Group): JsonObject {
  const fields = ({ id, title, pos, size, color }: Group): Fields => ({
    id,
    title,
    bounding: [...pos, ...size],
    color,
    flags: {},
  });
  const { flags: _, ...before } = isNew(group.raw) ? {} : fields(readGroup(group.raw));
  const { flags, ...now } = fields(group);
  return isNew(group.raw) ? patched({}, { ...now, flags }, undefined) : patched(group.raw, now, before);
}

/** The JSON of a part with what it says now in place of what it said before; all of it for a new part. */
function patched(raw: JsonObject, now: Fields, before: Fields | undefined): JsonObject {
  const changed = Object.entries(now).filter(([key, value]) => !before || !equal(value, before[key]));
  const kept = Object.entries(raw).filter(
    ([key]) => !changed.some(([name, value]) => name === key && value === undefined),
  );
  return Object.fromEntries([...kept, ...changed.filter(([, value]) => value !== undefined)]) as JsonObject;
}

function isNew(raw: JsonObject): boolean {
  return Object.keys(raw).length === 0;
}
