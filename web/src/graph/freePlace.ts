/** A place for something new, as near as possible to where it is wished, on which it covers nothing. */
import type { Point, Size } from "./document";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const STEP = 32;
/** Between two things, so that they are seen to be two. */
const GAP = 16;
/** So far is looked for; on a sheet that is full from here to there it lands on top. */
const RINGS = 200;

export function freePlace(taken: readonly Box[], [width, height]: Size, wish: Point): Point {
  for (let ring = 0; ring < RINGS; ring += 1) {
    const place = ringAround(wish, ring).find(([x, y]) => taken.every((box) => isApart(box, { x, y, width, height })));
    if (place) return place;
  }
  return wish;
}

/** The places that are so many steps away, the nearest first; of two as near, the one to the right, then below. */
function ringAround([x, y]: Point, ring: number): Point[] {
  const steps = Array.from({ length: 2 * ring + 1 }, (_, index) => index - ring);
  const offsets = steps.flatMap((one) => [
    [ring, one],
    [one, ring],
    [-ring, one],
    [one, -ring],
  ]);
  const byNear = offsets.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a * a + b * b - (c * c + d * d));
  return byNear.map(([right = 0, down = 0]) => [x + right * STEP, y + down * STEP]);
}

function isApart(one: Box, other: Box): boolean {
  return (
    one.x + one.width + GAP <= other.x ||
    other.x + other.width + GAP <= one.x ||
    one.y + one.height + GAP <= other.y ||
    other.y + other.height + GAP <= one.y
  );
}
