/** Wires between sockets as xyflow names them, as edits of the canvas. No React. */
import type { Connection, Edge } from "@xyflow/react";
import {
  type Canvas,
  canvasAt,
  type Document,
  type GraphNode,
  type Scope,
  SUBGRAPH_INPUT,
  SUBGRAPH_OUTPUT,
  subgraphAt,
  withCanvas,
} from "../graph/document";
import { canConnect, connect, disconnect, type End, linkInto, reconnect } from "../graph/edits/links";
import { patchNode } from "../graph/edits/nodes";
import { connectInput, connectOutput } from "../graph/edits/sockets";
import type { Json, JsonObject } from "../graph/json";
import { fits } from "../graph/sockets";
import { placeOfSocket, type Side, type SocketPlace } from "./names";
import type { WireEnd } from "./wiring";

type Wire = Connection | Edge;

/** The document with the wire; the same where it may not be. A picked-up wire moves and keeps its points. */
export function withWire(
  document: Document,
  scope: Scope,
  wire: Wire,
  picked: number | null,
  types: WidgetTypes,
): Document {
  const canvas = canvasAt(document, scope);
  if (isEnd(wire.source) || isEnd(wire.target)) return withEnd(document, scope, wire, picked, types);
  const { canvas: ready, from, to } = endsOf(canvas, wire, types);
  if (!from || !to) return document;
  const changed = picked === null ? connect(ready, from, to) : reconnect(ready, picked, { from, to });
  return changed === ready ? document : withCanvas(document, scope, changed);
}

/** A wire from an input of the open subgraph, or to one of its outputs; a socket past the last makes a new one. */
function withEnd(document: Document, scope: Scope, wire: Wire, picked: number | null, types: WidgetTypes): Document {
  const subgraph = subgraphAt(document, scope);
  if (!subgraph || !mayWire(document, scope, wire, types)) return document;
  const freed = picked === null ? subgraph.canvas : disconnect(subgraph.canvas, picked);
  const { canvas, from, to } = endsOf(freed, wire, types);
  const ready = withCanvas(document, scope, canvas);
  if (to) return connectInput(ready, scope, to, existing(subgraph.inputs, wire.sourceHandle));
  return from ? connectOutput(ready, scope, from, existing(subgraph.outputs, wire.targetHandle)) : document;
}

function existing(slots: readonly unknown[], socket: string | null | undefined): number | undefined {
  const { slot } = placeOfSocket(socket ?? "");
  return slot !== undefined && slot < slots.length ? slot : undefined;
}

export function mayWire(document: Document, scope: Scope, wire: Wire, types: WidgetTypes): boolean {
  const { canvas, from, to } = endsOf(canvasAt(document, scope), wire, types);
  const subgraph = subgraphAt(document, scope);
  if (isEnd(wire.source) && isEnd(wire.target)) return false;
  if (isEnd(wire.source))
    return !!to && fits(endType(subgraph?.inputs, wire.sourceHandle), slotType(canvas, to, "inputs"));
  if (isEnd(wire.target))
    return !!from && fits(slotType(canvas, from, "outputs"), endType(subgraph?.outputs, wire.targetHandle));
  return !!from && !!to && canConnect(canvas, from, to);
}

/** Whether it is where a subgraph's inputs come in, or its outputs go out. */
export function isEnd(node: string): boolean {
  return node === String(SUBGRAPH_INPUT) || node === String(SUBGRAPH_OUTPUT);
}

function endType(slots: readonly JsonObject[] | undefined, socket: string | null | undefined): Json {
  return slots?.[placeOfSocket(socket ?? "").slot ?? -1]?.type ?? "*";
}

function slotType(canvas: Canvas, end: End, side: "inputs" | "outputs"): Json {
  return canvas.nodes.get(String(end.node))?.[side][end.slot]?.type ?? "*";
}

/** The type of a node's widget, from the catalogue. */
export type WidgetTypes = (node: GraphNode, widget: string) => Json | undefined;

interface Ends {
  readonly canvas: Canvas;
  readonly from?: End | undefined;
  readonly to?: End | undefined;
}

function endsOf(canvas: Canvas, wire: Wire, types: WidgetTypes): Ends {
  const origin = canvas.nodes.get(wire.source);
  const target = canvas.nodes.get(wire.target);
  const { slot } = placeOfSocket(wire.sourceHandle ?? "");
  const from = origin && slot !== undefined ? { node: origin.id, slot } : undefined;
  if (!target) return { canvas, from };
  return { from, ...targetOf(canvas, target, placeOfSocket(wire.targetHandle ?? ""), types) };
}

function targetOf(canvas: Canvas, node: GraphNode, { slot, widget = "" }: SocketPlace, types: WidgetTypes): Ends {
  if (slot !== undefined) return { canvas, to: { node: node.id, slot } };
  const type = types(node, widget);
  if (type === undefined) return { canvas };
  return { canvas: withSocket(canvas, node, widget, type), to: { node: node.id, slot: node.inputs.length } };
}

/** The canvas with a socket for a widget that had none, as the last of its node. */
export function withSocket(canvas: Canvas, node: GraphNode, widget: string, type: Json): Canvas {
  const slot = { name: widget, type, link: null, widget, raw: {} };
  return patchNode(canvas, node.id, { inputs: [...node.inputs, slot] });
}

/** The slot of a node that best takes a wire dropped anywhere on it: a free one first, its own type before `*`. */
export function slotFor(canvas: Canvas, node: GraphNode, from: WireEnd): number | undefined {
  const side: Side = from.side === "output" ? "input" : "output";
  const slots = side === "input" ? node.inputs : node.outputs;
  const scored = slots
    .map((slot, index) => ({ index, type: slot.type, free: side === "output" || isFree(canvas, node, index) }))
    .filter(({ type }) => (side === "input" ? fits(from.type, type) : fits(type, from.type)));
  const exact = scored.filter(({ type }) => type === from.type);
  return (exact.find(({ free }) => free) ?? scored.find(({ free }) => free) ?? exact[0] ?? scored[0])?.index;
}

function isFree(canvas: Canvas, node: GraphNode, slot: number): boolean {
  return linkInto(canvas, { node: node.id, slot }) === undefined && node.inputs[slot]?.widget === undefined;
}
