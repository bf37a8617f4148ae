/** The way of a wire through its points. No React. */
import { getBezierPath, Position } from "@xyflow/react";
import type { Canvas, Point } from "../graph/document";
import { chain } from "../graph/edits/settle";

/** A curve through all points as SVG, leaving to the right and entering from the left. */
export function pathThrough(points: readonly Point[]): string {
  return points
    .slice(1)
    .map((to, index) => curve(points[index] ?? to, to))
    .join(" ");
}

function curve([sourceX, sourceY]: Point, [targetX, targetY]: Point): string {
  const ends = { sourceX, sourceY, targetX, targetY };
  return getBezierPath({ ...ends, sourcePosition: Position.Right, targetPosition: Position.Left })[0];
}

/** After which point of a wire a new one at a place belongs; undefined makes it the first. */
export function pointAfter(canvas: Canvas, id: number, at: Point): number | undefined {
  const link = canvas.links.get(id);
  const points = link ? chain(link, canvas.reroutes).toReversed() : [];
  const far = ([x, y]: Point) => Math.hypot(x - at[0], y - at[1]);
  const nearest = points.toSorted((left, right) => far(left.pos) - far(right.pos))[0];
  if (!nearest) return undefined;
  return at[0] >= nearest.pos[0] ? nearest.id : nearest.parent;
}
