/** Wires between sockets as xyflow names them, as edits of the canvas. No React. */
import type { Connection, Edge } from "@xyflow/react";
import type { Canvas, GraphNode } from "../graph/document";
import { canConnect, connect, type End, linkInto, reconnect } from "../graph/edits/links";
import { patchNode } from "../graph/edits/nodes";
import type { Json } from "../graph/json";
import { fits } from "../graph/sockets";
import { placeOfSocket, type Side } from "./names";
import type { WireEnd } from "./wiring";

type Wire = Connection | Edge;

/** The canvas with the wire; the same where it may not be. A picked-up wire moves and keeps its points. */
export function withWire(canvas: Canvas, wire: Wire, picked: number | null, types: WidgetTypes): Canvas {
  const { canvas: ready, from, to } = endsOf(canvas, wire, types);
  if (!from || !to) return canvas;
  const changed = picked === null ? connect(ready, from, to) : reconnect(ready, picked, { from, to });
  return changed === ready ? canvas : changed;
}

export function mayWire(canvas: Canvas, wire: Wire, types: WidgetTypes): boolean {
  const { canvas: ready, from, to } = endsOf(canvas, wire, types);
  return !!from && !!to && canConnect(ready, from, to);
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
  const start = placeOfSocket(wire.sourceHandle ?? "");
  const stop = placeOfSocket(wire.targetHandle ?? "");
  if (!origin || !target || start.slot === undefined) return { canvas };
  const from = { node: origin.id, slot: start.slot };
  if (stop.slot !== undefined) return { canvas, from, to: { node: target.id, slot: stop.slot } };
  const type = types(target, stop.widget ?? "");
  if (type === undefined || stop.widget === undefined) return { canvas };
  return {
    canvas: withSocket(canvas, target, stop.widget, type),
    from,
    to: { node: target.id, slot: target.inputs.length },
  };
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
