/**
 * The sockets of an open subgraph: its inputs and outputs, the wires from and to them, and the fields it shows on its
 * instances. Every instance follows, on whatever canvas it stands.
 */
import {
  type Canvas,
  type Document,
  type GraphNode,
  type Link,
  nodeOf,
  type OutputSlot,
  type Scope,
  SUBGRAPH_INPUT,
  SUBGRAPH_OUTPUT,
  type Subgraph,
  subgraphAt,
  truthful,
} from "../document";
import { asText, type Json, type JsonObject } from "../json";
import { promotedNames, withPromoted } from "../promoted";
import { fits } from "../sockets";
import { freeName, inputSlot } from "./collapse";
import { disconnect, type End, linkInto } from "./links";
import { replaceSlots } from "./nodes";
import { mapped, nextLinkId, settled } from "./settle";

type Side = "inputs" | "outputs";

/** Wire an input of the open subgraph to a node inside; without an index, an input made for it. */
export function connectInput(document: Document, scope: Scope, to: End, index?: number): Document {
  const subgraph = subgraphAt(document, scope);
  const node = subgraph && nodeOf(subgraph.canvas, to.node);
  const slot = node?.inputs[to.slot];
  if (!subgraph || !node || !slot) return document;
  const grown = index === undefined ? withSocket(subgraph, "inputs", slot.name, slot.type) : subgraph;
  const originSlot = index ?? subgraph.inputs.length;
  const type = (grown.inputs[originSlot]?.type ?? "*") as Json;
  if (!fits(type, slot.type)) return document;
  const before = linkInto(grown.canvas, to);
  const freed = before ? disconnect(grown.canvas, before.id) : grown.canvas;
  const link = { origin: SUBGRAPH_INPUT, originSlot, target: node.id, targetSlot: to.slot, type };
  return replaced(document, subgraph, { ...grown, canvas: wired(freed, link) });
}

/** Wire an output of a node inside to an output of the open subgraph; without an index, to one made for it. */
export function connectOutput(document: Document, scope: Scope, from: End, index?: number): Document {
  const subgraph = subgraphAt(document, scope);
  const node = subgraph && nodeOf(subgraph.canvas, from.node);
  const slot = node?.outputs[from.slot];
  if (!subgraph || !node || !slot) return document;
  const grown = index === undefined ? withSocket(subgraph, "outputs", slot.name, slot.type) : subgraph;
  const targetSlot = index ?? subgraph.outputs.length;
  if (!fits(slot.type, (grown.outputs[targetSlot]?.type ?? "*") as Json)) return document;
  const before = [...grown.canvas.links.values()].filter(
    (link) => link.target === SUBGRAPH_OUTPUT && link.targetSlot === targetSlot,
  );
  const freed = disconnect(grown.canvas, ...before.map((link) => link.id));
  const link = { origin: node.id, originSlot: from.slot, target: SUBGRAPH_OUTPUT, targetSlot, type: slot.type };
  return replaced(document, subgraph, { ...grown, canvas: wired(freed, link) });
}

/** Show a field of a node inside on every instance. */
export function promote(document: Document, scope: Scope, node: string, widget: string): Document {
  const inside = subgraphAt(document, scope)?.canvas.nodes.get(node);
  const slot = inside?.inputs.findIndex((input) => input.widget === widget) ?? -1;
  return inside && slot >= 0 ? connectInput(document, scope, { node: inside.id, slot }) : document;
}

export function removeSocket(document: Document, scope: Scope, side: Side, index: number): Document {
  const subgraph = subgraphAt(document, scope);
  if (!subgraph || !(index in subgraph[side])) return document;
  const links = [...subgraph.canvas.links.values()].flatMap((link): Link[] => {
    const key = side === "inputs" ? "originSlot" : "targetSlot";
    const isHere = side === "inputs" ? link.origin === SUBGRAPH_INPUT : link.target === SUBGRAPH_OUTPUT;
    if (!isHere || link[key] < index) return [link];
    return link[key] === index ? [] : [{ ...link, [key]: link[key] - 1 }];
  });
  const canvas = settled({ ...subgraph.canvas, links: new Map(links.map((link) => [link.id, link])) });
  return replaced(document, subgraph, { ...subgraph, canvas, [side]: subgraph[side].toSpliced(index, 1) });
}

export function renameSocket(document: Document, scope: Scope, side: Side, index: number, name: string): Document {
  const subgraph = subgraphAt(document, scope);
  const socket = subgraph?.[side][index];
  const others = new Set(subgraph?.[side].filter((other) => other !== socket).map((other) => asText(other.name)));
  if (!subgraph || !socket || !name || socket.name === name || others.has(name)) return document;
  const after = { ...subgraph, [side]: subgraph[side].with(index, { ...socket, name }) };
  return replaced(document, subgraph, after, (old) => (old === socket.name ? name : old), side);
}

export function renameSubgraph(document: Document, id: string, name: string): Document {
  const subgraph = document.subgraphs.get(id);
  if (!subgraph || !name || subgraph.name === name) return document;
  return { ...document, subgraphs: new Map(document.subgraphs).set(id, { ...subgraph, name }) };
}

function withSocket(subgraph: Subgraph, side: Side, name: string, type: Json): Subgraph {
  const taken = new Set(subgraph[side].map((socket) => asText(socket.name)));
  const socket: JsonObject = { id: crypto.randomUUID(), name: freeName(name || "value", taken), type, linkIds: [] };
  return { ...subgraph, [side]: [...subgraph[side], socket] };
}

function wired(canvas: Canvas, ends: Omit<Link, "id" | "raw">): Canvas {
  const id = nextLinkId(canvas);
  return settled({ ...canvas, links: new Map(canvas.links).set(id, { ...ends, id, raw: null }), lastLinkId: id });
}

/** The document with another state of a subgraph, and all its instances after it. */
function replaced(
  document: Document,
  before: Subgraph,
  after: Subgraph,
  rename: (name: string) => string = (name) => name,
  side?: Side,
): Document {
  const named = (of: Side) => (name: string) => (side === of ? rename(name) : name);
  const follow = (canvas: Canvas): Canvas =>
    [...canvas.nodes.values()]
      .filter((node) => node.type === before.id)
      .reduce((changed, node) => follower(changed, node, before, after, named), canvas);
  const subgraphs = mapped(new Map(document.subgraphs).set(after.id, truthful(after)), (subgraph) => {
    const canvas = follow(subgraph.canvas);
    return canvas === subgraph.canvas ? subgraph : { ...subgraph, canvas };
  });
  return { ...document, canvas: follow(document.canvas), subgraphs };
}

function follower(
  canvas: Canvas,
  node: GraphNode,
  before: Subgraph,
  after: Subgraph,
  named: (side: Side) => (name: string) => string,
): Canvas {
  const promoted = new Set(promotedNames(after));
  const known = renamedSlots(node, named);
  const inputs = after.inputs.map((input) => {
    const slot = known.inputs.find((found) => found.name === input.name);
    return slot && (slot.widget !== undefined) === promoted.has(slot.name) ? slot : inputSlot(input, promoted);
  });
  const outputs = after.outputs.map((output): OutputSlot => {
    const slot = known.outputs.find((found) => found.name === output.name);
    return slot ?? { name: asText(output.name), type: output.type ?? "*", links: [], raw: {} };
  });
  const renamed = new Map(canvas.nodes).set(String(node.id), { ...withPromoted(node, before, after), ...known });
  return replaceSlots({ ...canvas, nodes: renamed }, node.id, { inputs, outputs });
}

function renamedSlots(
  node: GraphNode,
  named: (side: Side) => (name: string) => string,
): Pick<GraphNode, "inputs" | "outputs"> {
  const inputs = node.inputs.map((slot) => {
    const name = named("inputs")(slot.name);
    return name === slot.name ? slot : { ...slot, name, ...(slot.widget === undefined ? {} : { widget: name }) };
  });
  const outputs = node.outputs.map((slot) => ({ ...slot, name: named("outputs")(slot.name) }));
  return { inputs, outputs };
}
