/** What the sheet of nodes can do for others while it is there: tell places, and be moved. `editor/Stage.tsx` sets it. */
import type { Point } from "../graph/document";

export interface Stage {
  /** The middle of what is seen, in units of the canvas. */
  readonly center: () => Point;
  readonly toCanvas: (screen: Point) => Point;
  readonly toScreen: (point: Point) => Point;
  /** Show these nodes, or all. */
  readonly fit: (ids?: readonly string[]) => void;
  readonly zoom: (direction: "in" | "out") => void;
}

const NOWHERE: Stage = {
  center: () => [0, 0],
  toCanvas: (point) => point,
  toScreen: (point) => point,
  fit: () => undefined,
  zoom: () => undefined,
};

const holder: { stage: Stage } = { stage: NOWHERE };

export function setStage(stage: Stage | undefined): void {
  holder.stage = stage ?? NOWHERE;
}

export function stage(): Stage {
  return holder.stage;
}
