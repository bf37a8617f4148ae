/** What the sheet of nodes can do for others while it is there: tell places, and be moved. `editor/Stage.tsx` sets it. */
import type { Point, Size } from "../graph/document";

export interface Stage {
  /** The middle of what is seen, in units of the canvas. */
  readonly center: () => Point;
  /** Where the mouse is over the sheet, in units of the canvas. */
  readonly pointer: () => Point | undefined;
  /** How large a node is on the sheet, without its title bar, as the document tells sizes. */
  readonly sizeOf: (id: string) => Size | undefined;
  readonly toCanvas: (screen: Point) => Point;
  readonly toScreen: (point: Point) => Point;
  /** Show these nodes, or all. */
  readonly fit: (ids?: readonly string[]) => void;
  /** Bring a node into the middle if not all of it is seen. */
  readonly reveal: (id: string) => Promise<unknown>;
  readonly zoom: (direction: "in" | "out") => void;
}

const NOWHERE: Stage = {
  center: () => [0, 0],
  pointer: () => undefined,
  sizeOf: () => undefined,
  toCanvas: (point) => point,
  toScreen: (point) => point,
  fit: () => undefined,
  reveal: () => Promise.resolve(),
  zoom: () => undefined,
};

const holder: { stage: Stage } = { stage: NOWHERE };

export function setStage(stage: Stage | undefined): void {
  holder.stage = stage ?? NOWHERE;
}

export function stage(): Stage {
  return holder.stage;
}
