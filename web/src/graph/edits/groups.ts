/** Frames around nodes. A node belongs to a frame as long as its middle is inside. */
import type { Canvas, GraphNode, Group, Point, Size } from "../document";
import { moveNodes } from "./nodes";
import { nextGroupId } from "./settle";

const MARGIN = 16;
/** Above the highest node: its own title bar, which its place leaves out, and the frame's. */
const HEADER = 68;

export function addGroup(canvas: Canvas, group: Pick<Group, "title" | "pos" | "size"> & { color?: string }): Canvas {
  const id = nextGroupId(canvas);
  return { ...canvas, groups: [...canvas.groups, { ...group, id, raw: {} }], lastGroupId: id };
}

/** The frame that encloses some nodes. */
export function frameOf(nodes: readonly GraphNode[]): { pos: Point; size: Size } | undefined {
  if (nodes.length === 0) return undefined;
  const left = Math.min(...nodes.map((node) => node.pos[0])) - MARGIN;
  const top = Math.min(...nodes.map((node) => node.pos[1])) - HEADER;
  const right = Math.max(...nodes.map((node) => node.pos[0] + node.size[0])) + MARGIN;
  const bottom = Math.max(...nodes.map((node) => node.pos[1] + node.size[1])) + MARGIN;
  return { pos: [left, top], size: [right - left, bottom - top] };
}

export function patchGroup(canvas: Canvas, index: number, patch: Partial<Group>): Canvas {
  const group = canvas.groups[index];
  if (!group || Object.entries(patch).every(([key, value]) => group[key as keyof Group] === value)) return canvas;
  return { ...canvas, groups: canvas.groups.with(index, { ...group, ...patch }) };
}

export function removeGroup(canvas: Canvas, index: number): Canvas {
  return index in canvas.groups ? { ...canvas, groups: canvas.groups.toSpliced(index, 1) } : canvas;
}

/** Move a frame with everything inside: nodes, reroute points, and frames that lie wholly in it. */
export function moveGroup(canvas: Canvas, index: number, pos: Point): Canvas {
  const group = canvas.groups[index];
  if (!group) return canvas;
  const [dx, dy] = [pos[0] - group.pos[0], pos[1] - group.pos[1]];
  if (dx === 0 && dy === 0) return canvas;
  const moved = ([x, y]: Point): Point => [x + dx, y + dy];
  const places = new Map(nodesIn(canvas, group).map((node) => [String(node.id), moved(node.pos)]));
  const groups = canvas.groups.map((other) =>
    other === group || encloses(group, other) ? { ...other, pos: moved(other.pos) } : other,
  );
  const points = [...canvas.reroutes].map(
    ([id, point]) => [id, contains(group, point.pos) ? { ...point, pos: moved(point.pos) } : point] as const,
  );
  return { ...moveNodes(canvas, places), groups, reroutes: new Map(points) };
}

export function nodesIn(canvas: Canvas, group: Group): GraphNode[] {
  return [...canvas.nodes.values()].filter((node) =>
    contains(group, [node.pos[0] + node.size[0] / 2, node.pos[1] + node.size[1] / 2]),
  );
}

function contains(group: Group, [x, y]: Point): boolean {
  const [left, top] = group.pos;
  return x >= left && y >= top && x <= left + group.size[0] && y <= top + group.size[1];
}

function encloses(outer: Group, inner: Group): boolean {
  const [x, y] = inner.pos;
  return contains(outer, inner.pos) && contains(outer, [x + inner.size[0], y + inner.size[1]]);
}
