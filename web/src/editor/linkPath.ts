/** The way of a wire through its points. No React. */
import { getBezierPath, getSmoothStepPath, getStraightPath, Position } from "@xyflow/react";
import type { Canvas, Point } from "../graph/document";
import { chain } from "../graph/edits/settle";

export type LinkStyle = "curve" | "straight" | "angled";

/** A way through all points as SVG, leaving to the right and entering from the left. */
export function pathThrough(points: readonly Point[], style: LinkStyle = "curve"): string {
  return points
    .slice(1)
    .map((to, index) => part(points[index] ?? to, to, style))
    .join(" ");
}

function part([sourceX, sourceY]: Point, [targetX, targetY]: Point, style: LinkStyle): string {
  const ends = { sourceX, sourceY, targetX, targetY };
  const sides = { sourcePosition: Position.Right, targetPosition: Position.Left };
  if (style === "straight") return getStraightPath(ends)[0];
  return style === "angled" ? getSmoothStepPath({ ...ends, ...sides })[0] : getBezierPath({ ...ends, ...sides })[0];
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
