import fc from "fast-check";
import { expect, it } from "vitest";
import { FITTED, panned, zoomed } from "./viewing";

const place = fc.double({ min: -500, max: 500, noNaN: true });

it("keeps the point under the hand where it is", () => {
  fc.assert(
    fc.property(place, place, fc.double({ min: 1.1, max: 8, noNaN: true }), (x, y, factor) => {
      const before = zoomed(FITTED, 2, 0, 0);
      const after = zoomed(before, factor, x, y);
      expect((x - after.x) / after.zoom).toBeCloseTo((x - before.x) / before.zoom, 6);
      expect((y - after.y) / after.zoom).toBeCloseTo((y - before.y) / before.zoom, 6);
    }),
  );
});

it("is never smaller than the window, and fits it then", () => {
  expect(zoomed(zoomed(FITTED, 3, 50, 50), 0.01, 9, 9)).toEqual(FITTED);
  expect(panned(FITTED, 40, 40)).toEqual(FITTED);
});
