/** Where something new lands. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Box, freePlace } from "./freePlace";

const box: fc.Arbitrary<Box> = fc.record({
  x: fc.integer({ min: -600, max: 600 }),
  y: fc.integer({ min: -600, max: 600 }),
  width: fc.integer({ min: 20, max: 480 }),
  height: fc.integer({ min: 20, max: 480 }),
});

function covers(one: Box, other: Box): boolean {
  const [right, down] = [
    Math.min(one.x + one.width, other.x + other.width),
    Math.min(one.y + one.height, other.y + other.height),
  ];
  return right > Math.max(one.x, other.x) && down > Math.max(one.y, other.y);
}

describe("the place for something new", () => {
  it("is the one that is wished where nothing is", () => {
    expect(freePlace([], [240, 100], [12, 34])).toEqual([12, 34]);
  });

  it("is beside what stands there already, the nearest side first", () => {
    expect(freePlace([{ x: 0, y: 0, width: 240, height: 100 }], [240, 100], [0, 0])).toEqual([0, 128]);
    expect(freePlace([{ x: 0, y: 0, width: 100, height: 240 }], [100, 240], [0, 0])).toEqual([128, 0]);
  });

  it("covers nothing, however full the sheet is", () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 40 }), box, (taken, { x, y, width, height }) => {
        const [left, top] = freePlace(taken, [width, height], [x, y]);
        expect(taken.filter((other) => covers(other, { x: left, y: top, width, height }))).toEqual([]);
      }),
    );
  });
});
