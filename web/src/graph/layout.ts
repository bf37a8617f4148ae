/** Where nodes stand: in layers from left to right (dagre), or in line with each other. */
import { Graph, layout } from "@dagrejs/dagre";
import type { Canvas, GraphNode, NodeId, Point } from "./document";
import { nodeOf } from "./document";

export type Side = "left" | "right" | "top" | "bottom" | "center" | "middle";
export type Axis = "horizontal" | "vertical";

const GAP = 40;
const LAYER_GAP = 80;

/** Places for nodes in layers along their wires; the upper left corner of them all stays where it is. */
export function layered(canvas: Canvas, ids: Iterable<NodeId>): Map<string, Point> {
  const nodes = chosen(canvas, ids);
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: GAP, ranksep: LAYER_GAP });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(String(node.id), { width: node.size[0], height: node.size[1] });
  for (const link of canvas.links.values()) {
    const [from, to] = [String(link.origin), String(link.target)];
    if (graph.hasNode(from) && graph.hasNode(to)) graph.setEdge(from, to, {}, String(link.id));
  }
  layout(graph);
  const corners = new Map(
    nodes.map((node) => {
      const { x, y } = graph.node(String(node.id)) as { x: number; y: number };
      return [String(node.id), [x - node.size[0] / 2, y - node.size[1] / 2] as Point];
    }),
  );
  return moved(corners, corner(nodes.map((node) => node.pos)));
}

/** Places for nodes in one line along a side of them all. */
export function aligned(canvas: Canvas, ids: Iterable<NodeId>, side: Side): Map<string, Point> {
  const nodes = chosen(canvas, ids);
  const [left, top] = corner(nodes.map((node) => node.pos));
  const right = Math.max(...nodes.map((node) => node.pos[0] + node.size[0]));
  const bottom = Math.max(...nodes.map((node) => node.pos[1] + node.size[1]));
  const place: Record<Side, (node: GraphNode) => Point> = {
    left: ({ pos }) => [left, pos[1]],
    right: ({ pos, size }) => [right - size[0], pos[1]],
    center: ({ pos, size }) => [(left + right - size[0]) / 2, pos[1]],
    top: ({ pos }) => [pos[0], top],
    bottom: ({ pos, size }) => [pos[0], bottom - size[1]],
    middle: ({ pos, size }) => [pos[0], (top + bottom - size[1]) / 2],
  };
  return new Map(nodes.map((node) => [String(node.id), place[side](node)]));
}

/** Places with the same gap between neighbours; the first and the last stay. */
export function distributed(canvas: Canvas, ids: Iterable<NodeId>, axis: Axis): Map<string, Point> {
  const at = axis === "horizontal" ? 0 : 1;
  const nodes = chosen(canvas, ids).sort((one, other) => one.pos[at] - other.pos[at]);
  const [first, last] = [nodes[0], nodes.at(-1)];
  if (!first || !last) return new Map();
  const length = last.pos[at] + last.size[at] - first.pos[at];
  const gap = (length - nodes.reduce((sum, node) => sum + node.size[at], 0)) / Math.max(nodes.length - 1, 1);
  let next = first.pos[at];
  return new Map(
    nodes.map((node) => {
      const place: Point = at === 0 ? [next, node.pos[1]] : [node.pos[0], next];
      next += node.size[at] + gap;
      return [String(node.id), place];
    }),
  );
}

function chosen(canvas: Canvas, ids: Iterable<NodeId>): GraphNode[] {
  return [...ids].map((id) => nodeOf(canvas, id)).filter((node) => node !== undefined);
}

function corner(points: readonly Point[]): Point {
  return [Math.min(...points.map(([x]) => x)), Math.min(...points.map(([, y]) => y))];
}

function moved(places: ReadonlyMap<string, Point>, to: Point): Map<string, Point> {
  const [left, top] = corner([...places.values()]);
  return new Map([...places].map(([id, [x, y]]) => [id, [Math.round(x - left + to[0]), Math.round(y - top + to[1])]]));
}
