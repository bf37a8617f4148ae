import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { moveNodes } from "./edits/nodes";
import { aligned, distributed, layered } from "./layout";
import { randomDocument } from "./testing";

describe("layers", () => {
  it("lead every wire to the right, and let no two nodes overlap", () => {
    fc.assert(
      fc.property(randomDocument, ({ canvas }) => {
        const placed = moveNodes(canvas, layered(canvas, canvas.nodes.keys()));
        for (const link of placed.links.values()) {
          const [from, to] = [placed.nodes.get(String(link.origin)), placed.nodes.get(String(link.target))];
          expect((to?.pos[0] ?? 0) - (from?.pos[0] ?? 0)).toBeGreaterThanOrEqual(from?.size[0] ?? 0);
        }
        const boxes = [...placed.nodes.values()];
        for (const one of boxes) {
          for (const other of boxes) {
            const apart = [0, 1].some(
              (axis) => Math.abs((one.pos[axis] ?? 0) - (other.pos[axis] ?? 0)) >= (one.size[axis] ?? 0),
            );
            expect(one === other || apart).toBe(true);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("lines", () => {
  it("put nodes at one side, or the same gap apart", () => {
    fc.assert(
      fc.property(randomDocument, ({ canvas }) => {
        const ids = [...canvas.nodes.keys()];
        expect(new Set([...aligned(canvas, ids, "left").values()].map(([x]) => x)).size).toBeLessThanOrEqual(1);
        const xs = [...distributed(canvas, ids, "horizontal").values()].map(([x]) => x);
        const gaps = xs.slice(1).map((x, index) => x - (xs[index] ?? 0));
        for (const gap of gaps) expect(gap).toBeCloseTo(gaps[0] ?? 0);
      }),
    );
  });
});
