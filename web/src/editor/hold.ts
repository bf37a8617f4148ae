/** What the hand holds during a drag: places and sizes that the document gets only when it lets go. No React. */
import type { NodeDimensionChange, NodePositionChange, XYPosition } from "@xyflow/react";
import type { Canvas } from "../graph/document";
import { patchGroup } from "../graph/edits/groups";
import { moveNodes, resizeNode } from "../graph/edits/nodes";
import { moveReroute } from "../graph/edits/reroutes";
import type { FlowNode } from "./flow";
import { posAt, sizeFor } from "./measures";
import { GROUP, numberIn, POINT } from "./names";

type Places = ReadonlyMap<string, XYPosition>;
type Sizes = ReadonlyMap<string, { readonly width: number; readonly height: number }>;

export interface Held {
  readonly places: Places;
  readonly sizes: Sizes;
}

export const NOTHING_HELD: Held = { places: new Map(), sizes: new Map() };

export function held(before: Held, places: Places, sizes: readonly NodeDimensionChange[]): Held {
  const grown = sizes.filter((change) => change.setAttributes && change.dimensions);
  if (places.size === 0 && grown.length === 0) return before;
  const found = new Map(before.sizes);
  for (const { id, dimensions } of grown) if (dimensions) found.set(id, dimensions);
  return { places: new Map([...before.places, ...places]), sizes: found };
}

/** Where everything goes that is moved: what is in a frame goes with it. */
export function carriedBy(moves: readonly NodePositionChange[], nodes: readonly FlowNode[]): Map<string, XYPosition> {
  const own = new Map(moves.flatMap(({ id, position }) => (position ? [[id, position] as const] : [])));
  const places = new Map<string, XYPosition>();
  for (const node of nodes) {
    const to = node.type === "frame" ? own.get(node.id) : undefined;
    if (!to) continue;
    const [dx, dy] = [to.x - node.position.x, to.y - node.position.y];
    for (const inner of nodes.filter((other) => isInside(other, node)))
      places.set(inner.id, { x: inner.position.x + dx, y: inner.position.y + dy });
  }
  return new Map([...places, ...own]);
}

/** Whether something is moved with a frame: its middle is in it; of a frame, all of it. */
export function isInside(node: FlowNode, frame: FlowNode): boolean {
  if (node === frame || node.type === "end") return false;
  const width = node.width ?? node.measured?.width ?? 0;
  const height = node.height ?? node.measured?.height ?? 0;
  const { x, y } = node.position;
  if (node.type === "frame") return contains(frame, x, y) && contains(frame, x + width, y + height);
  return node.type === "point" ? contains(frame, x, y) : contains(frame, x + width / 2, y + height / 2);
}

function contains(frame: FlowNode, x: number, y: number): boolean {
  const { x: left, y: top } = frame.position;
  return x >= left && y >= top && x <= left + (frame.width ?? 0) && y <= top + (frame.height ?? 0);
}

/** The nodes as they are seen while the hand holds some of them. */
export function withHeld(nodes: readonly FlowNode[], { places, sizes }: Held): FlowNode[] {
  if (places.size === 0 && sizes.size === 0) return nodes as FlowNode[];
  return nodes.map((node) => {
    const position = places.get(node.id);
    const size = sizes.get(node.id);
    if (!position && !size) return node;
    return { ...node, ...(position ? { position } : {}), ...(size ? grown(node, size) : {}) } as FlowNode;
  });
}

function grown(node: FlowNode, size: { width: number; height: number }): Partial<FlowNode> {
  if (node.type === "frame") return size;
  return { width: size.width, style: { ...node.style, minHeight: size.height } };
}

/** The canvas with things moved to where xyflow has them. */
export function placed(canvas: Canvas, places: Places): Canvas {
  const nodes = new Map(
    [...places].flatMap(([id, place]) => {
      const node = canvas.nodes.get(id);
      return node ? [[id, posAt(node, rounded(place))] as const] : [];
    }),
  );
  return [...places].reduce(
    (changed, [id, place]) => placedOther(changed, id, rounded(place)),
    moveNodes(canvas, nodes),
  );
}

function placedOther(canvas: Canvas, id: string, { x, y }: XYPosition): Canvas {
  const group = numberIn(id, GROUP);
  if (group !== undefined) return canvas.groups[group] ? patchGroup(canvas, group, { pos: [x, y] }) : canvas;
  const point = numberIn(id, POINT);
  return point === undefined ? canvas : moveReroute(canvas, point, [x, y]);
}

function rounded({ x, y }: XYPosition): XYPosition {
  return { x: Math.round(x), y: Math.round(y) };
}

export function resized(canvas: Canvas, sizes: Sizes): Canvas {
  return [...sizes].reduce((changed, [id, size]) => {
    const [width, height] = [Math.round(size.width), Math.round(size.height)];
    const group = numberIn(id, GROUP);
    if (group !== undefined) return patchGroup(changed, group, { size: [width, height] });
    return changed.nodes.has(id) ? resizeNode(changed, id, sizeFor(width, height)) : changed;
  }, canvas);
}
