/** The sizes of what stands on the canvas, in canvas pixels. `styles/canvas.css` has the same numbers. */
import { type GraphNode, NOTE_TYPES, type Point, REROUTE, type Size } from "../graph/document";

/** The height of a card's title bar; the format's `pos` is the corner below it, and its `size` leaves it out. */
export const TITLE = 30;
export const MIN_WIDTH = 200;
export const ROW = 24;
export const FIELD = 28;
export const GRID = 8;

interface Box {
  readonly x: number;
  readonly y: number;
}

/** What is measured before it has an id is measured too. */
type Measured = Omit<GraphNode, "id">;

function titleOf(node: Measured): number {
  return node.type === REROUTE ? 0 : TITLE;
}

/** Where a node's card begins, its title bar included. */
export function cornerOf(node: Measured): Box {
  return { x: node.pos[0], y: node.pos[1] - titleOf(node) };
}

/** The `pos` of a node whose card begins at a corner. */
export function posAt(node: Measured, corner: Box): Point {
  return [corner.x, corner.y + titleOf(node)];
}

/** The `size` of a node whose card is as large as this. */
export function sizeFor(width: number, height: number): Size {
  return [width, height - TITLE];
}

/** How large a card will be about, before the browser has laid it out. */
export function cardSize(node: Measured): { width: number; height: number } {
  if (node.type === REROUTE) return { width: 32, height: 24 };
  const width = Math.max(node.size[0], NOTE_TYPES.has(node.type) ? 80 : MIN_WIDTH);
  if (node.collapsed) return { width: Math.min(width, MIN_WIDTH), height: TITLE };
  const sockets = node.inputs.filter((input) => input.widget === undefined).length;
  const rows = Math.max(sockets, node.outputs.length) * ROW;
  const values = Array.isArray(node.values) ? node.values.length : 0;
  return { width, height: Math.max(node.size[1] + TITLE, TITLE + rows + values * FIELD + 16) };
}

/** How much room there is around what is fitted into sight, and how near it comes. */
export const FIT = { padding: 0.12, maxZoom: 1 } as const;

/** Below the first zoom nothing but title and sockets can be told apart, below the second no title can be read. */
export const FAR = 0.4;
export const TINY = 0.16;
