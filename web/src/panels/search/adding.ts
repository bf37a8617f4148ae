/** A node that was chosen: onto the canvas, and to the wire that it was chosen for. */
import { cardSize, cornerOf, posAt } from "../../editor/measures";
import type { NodeDefinition } from "../../graph/catalogue";
import type { Canvas, GraphNode, NodeId, Point } from "../../graph/document";
import { connect, type End, linkInto } from "../../graph/edits/links";
import { addNode, type NewNode, patchNode } from "../../graph/edits/nodes";
import { type Box, freePlace } from "../../graph/freePlace";
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
  /** Where it shall stand; left out, in the middle of what is seen, or beside it where something stands there. */
  readonly position?: Point | undefined;
  /** The socket that it shall be wired to. */
  readonly from?: SocketEnd | undefined;
  /** Values for its fields, by name. */
  readonly values?: JsonObject;
}

/** Add a node of a class, select it, and return its id. */
export function addChosen(definition: NodeDefinition, { position, from, values = {} }: Wish = {}): string {
  const before = activeCanvas();
  const made = newNode(definition, position ?? [0, 0], activeDocument(), from?.type);
  const plain = addNode(before, position ? made : placed(before, made));
  const filled = Object.entries(values).reduce(
    (node, [name, value]) => writeValue(node, definition, name, value),
    plain.node,
  );
  const canvas = patchNode(plain.canvas, filled.id, filled);
  edit(t("search.added", { title: definition.title }), () => (from ? wired(canvas, from, filled) : canvas));
  countUse(definition.name);
  const id = String(filled.id);
  select([id]);
  if (!position) requestAnimationFrame(() => void stage().reveal(id));
  return id;
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

/** The node where it covers no other, as near as possible to the middle of what is seen. */
function placed(canvas: Canvas, node: NewNode): NewNode {
  const { width, height } = cardSize(node);
  const [x, y] = stage().center();
  const wish: Point = [Math.round(x - width / 2), Math.round(y - height / 2)];
  const [left, top] = freePlace([...canvas.nodes.values()].map(cardOf), [width, height], wish);
  return { ...node, pos: posAt(node, { x: left, y: top }) };
}

/** What a node covers: as it is drawn, or as it will be about. */
function cardOf(node: GraphNode): Box {
  const drawn = stage().sizeOf(String(node.id));
  return { ...cornerOf(node), ...cardSize(drawn ? { ...node, size: drawn } : node) };
}
