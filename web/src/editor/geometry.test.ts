import { describe, expect, it } from "vitest";
import { MAP, mapView, seenBox } from "./minimapView";
import { insidePolygon } from "./polygon";
import { colourOf, shapeOf } from "./socketLook";

describe("a lasso", () => {
  const hook = [
    [0, 0],
    [10, 0],
    [10, 10],
    [5, 4],
    [0, 10],
  ] as const;

  it("has inside what it goes around, and nothing in its dents", () => {
    expect(insidePolygon([5, 2], hook)).toBe(true);
    expect(insidePolygon([5, 9], hook)).toBe(false);
    expect(insidePolygon([11, 2], hook)).toBe(false);
    expect(insidePolygon([1, 1], [])).toBe(false);
  });
});

describe("the minimap", () => {
  it("shows all nodes within its margins, in the middle", () => {
    const view = mapView([
      { x: -1000, y: 0, width: 200, height: 100 },
      { x: 3000, y: 500, width: 200, height: 100 },
    ]);
    expect(-1000 * view.scale + view.x).toBeCloseTo(MAP.margin);
    expect(3200 * view.scale + view.x).toBeCloseTo(MAP.width - MAP.margin);
    expect(300 * view.scale + view.y).toBeCloseTo(MAP.height / 2);
  });

  it("shows what is seen", () => {
    const view = { scale: 0.1, x: 0, y: 0 };
    expect(seenBox(view, [-200, 100, 2], 800, 600)).toEqual({ x: 10, y: -5, width: 40, height: 30 });
  });
});

describe("the look of a socket", () => {
  it("is one shape per kind, the first of a union deciding", () => {
    expect(["IMAGE", "MODEL", "SIGMAS", "INT", ["a", "b"], "MASK,IMAGE"].map(shapeOf)).toEqual([
      "circle",
      "square",
      "diamond",
      "triangle",
      "triangle",
      "circle",
    ]);
  });

  it("is one colour per type, of unknown ones too", () => {
    expect(colourOf("LATENT")).toBe("var(--type-latent)");
    expect(colourOf("SOME_PACKS_TYPE")).toBe(colourOf("SOME_PACKS_TYPE"));
    expect(colourOf("SOME_PACKS_TYPE")).not.toBe(colourOf("ANOTHER"));
  });
});
