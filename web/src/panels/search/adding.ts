/** A node that was chosen: onto the canvas, and to the wire that it was chosen for. */
import type { NodeDefinition } from "../../graph/catalogue";
import type { Canvas, GraphNode, NodeId, Point } from "../../graph/document";
import { connect, type End, linkInto } from "../../graph/edits/links";
import { addNode, patchNode } from "../../graph/edits/nodes";
import type { Json, JsonObject } from "../../graph/json";
import type { WireEnd } from "../../graph/search";
import { fits } from "../../graph/sockets";
import { writeValue } from "../../graph/widgetValues";
import { countUse } from "../../store/habits";
import { stage } from "../../store/stage";
import { activeCanvas, activeDocument, edit, select } from "../../store/tabs";
import { t } from "../../words";
import { newNode } from "./ownNodes";

/** The socket that a search was opened from. */
export interface SocketEnd extends WireEnd {
  readonly node: NodeId;
  readonly slot: number;
}

export interface Wish {
  /** Where it shall stand; left out, in the middle of what is seen, where nothing begins yet. */
  readonly position?: Point | undefined;
  /** The socket that it shall be wired to. */
  readonly from?: SocketEnd | undefined;
  /** Values for its fields, by name. */
  readonly values?: JsonObject;
}

const STEP = 32;

/** Add a node of a class, select it, and return its id. */
export function addChosen(definition: NodeDefinition, { position, from, values = {} }: Wish = {}): string {
  const before = activeCanvas();
  const place = position ?? freePlace(before, stage().center());
  const plain = addNode(before, newNode(definition, place, activeDocument(), from?.type));
  const filled = Object.entries(values).reduce(
    (node, [name, value]) => writeValue(node, definition, name, value),
    plain.node,
  );
  const canvas = patchNode(plain.canvas, filled.id, filled);
  edit(t("search.added", { title: definition.title }), () => (from ? wired(canvas, from, filled) : canvas));
  countUse(definition.name);
  select([String(filled.id)]);
  return String(filled.id);
}

/** The canvas with a wire from a socket to the first socket of a node that takes it. */
export function wired(canvas: Canvas, from: SocketEnd, node: GraphNode): Canvas {
  const other = firstFit(canvas, from, node);
  if (!other) return canvas;
  return from.side === "output" ? connect(canvas, from, other) : connect(canvas, other, from);
}

/** Sockets without a field come first, then the very type before one that takes anything. */
function firstFit(canvas: Canvas, from: SocketEnd, node: GraphNode): End | undefined {
  const slots =
    from.side === "output"
      ? node.inputs.map(({ type, widget }, slot) => ({ slot, fit: fits(from.type, type), type, field: !!widget }))
      : node.outputs.map(({ type }, slot) => ({ slot, fit: fits(type, from.type), type, field: false }));
  const free = slots.filter(
    ({ fit, slot }) => fit && !(from.side === "output" && linkInto(canvas, { node: node.id, slot })),
  );
  const rank = (one: { type: Json; field: boolean }) => (one.field ? 2 : 0) + (one.type === from.type ? 0 : 1);
  const best = free.toSorted((left, right) => rank(left) - rank(right))[0];
  return best && { node: node.id, slot: best.slot };
}

/** A place from which on nothing begins: further down and right until there is none. */
function freePlace(canvas: Canvas, [x, y]: Point): Point {
  const taken = new Set(
    [...canvas.nodes.values()].map(({ pos }) => `${Math.round(pos[0] / STEP)},${Math.round(pos[1] / STEP)}`),
  );
  for (let step = 0; step < 100; step += 1) {
    const place: Point = [Math.round(x) + step * STEP, Math.round(y) + step * STEP];
    if (!taken.has(`${Math.round(place[0] / STEP)},${Math.round(place[1] / STEP)}`)) return place;
  }
  return [x, y];
}
