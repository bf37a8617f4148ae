import { describe, expect, it } from "vitest";
import { type Document, EMPTY_CANVAS, type GraphNode, MODE } from "../graph/document";
import { addNode, type NewNode } from "../graph/edits/nodes";
import { addReroute } from "../graph/edits/reroutes";
import { mayWire, slotFor, withWire } from "./connecting";
import { possibleWires } from "./connections";
import { pathThrough, pointAfter } from "./linkPath";

function made(inputs: readonly string[], outputs: readonly string[]): NewNode {
  return {
    type: "Some",
    pos: [0, 0],
    size: [240, 100],
    mode: MODE.always,
    collapsed: false,
    inputs: inputs.map((type) => ({ name: type.toLowerCase(), type, link: null, raw: {} })),
    outputs: outputs.map((type) => ({ name: type, type, links: [], raw: {} })),
    values: [],
    properties: {},
    raw: {},
  };
}

const nodes = [made([], ["IMAGE", "INT"]), made(["*", "IMAGE"], ["LATENT"]), made(["LATENT"], [])];
const canvas = nodes.reduce((grown, node) => addNode(grown, node).canvas, EMPTY_CANVAS);
const document: Document = { canvas, subgraphs: new Map() };
const types = (_: GraphNode, widget: string) => (widget === "steps" ? "INT" : undefined);
const wire = (source: number, out: number, target: number, socket: string) => ({
  source: String(source),
  sourceHandle: `output-${out}`,
  target: String(target),
  targetHandle: socket,
});

describe("a wire between sockets", () => {
  it("is laid where types fit, and nowhere else", () => {
    expect(withWire(document, [], wire(1, 0, 2, "input-1"), null, types).canvas.links.size).toBe(1);
    expect(mayWire(document, [], wire(1, 0, 3, "input-0"), types)).toBe(false);
    expect(withWire(document, [], wire(1, 0, 3, "input-0"), null, types)).toBe(document);
  });

  it("makes a socket of a field that had none", () => {
    const after = withWire(document, [], wire(1, 1, 2, "widget-steps"), null, types).canvas.nodes.get("2");
    expect(after?.inputs[2]).toMatchObject({ name: "steps", type: "INT", widget: "steps", link: 1 });
    expect(mayWire(document, [], wire(1, 0, 2, "widget-steps"), types)).toBe(false);
  });

  it("moves when it was picked up", () => {
    const before = withWire(document, [], wire(1, 0, 2, "input-1"), null, types);
    const after = withWire(before, [], wire(1, 0, 2, "input-0"), 1, types).canvas;
    expect([...after.links.values()].map((link) => link.targetSlot)).toEqual([0]);
  });

  it("finds the socket of its own type before one that takes all", () => {
    const target = canvas.nodes.get("2");
    const from = { node: "1", side: "output", socket: "output-0", type: "IMAGE" } as const;
    expect(target && slotFor(canvas, target, from)).toBe(1);
  });

  it("is offered to whoever connects by typing", () => {
    const node = canvas.nodes.get("2");
    const found = node ? possibleWires(canvas, node) : [];
    expect(found.map(({ own, socket }) => `${own} ${socket}`).toSorted()).toEqual([
      "* IMAGE",
      "* INT",
      "LATENT latent",
      "image IMAGE",
    ]);
  });
});

describe("the way of a wire", () => {
  it("goes through all its points", () => {
    const path = pathThrough([
      [0, 0],
      [100, 50],
      [200, 0],
    ]);
    expect(path.startsWith("M0,0 C")).toBe(true);
    expect(path).toContain("M100,50 C");
    expect(path.endsWith("200,0")).toBe(true);
  });

  it("takes a new point behind the one before it", () => {
    const laid = withWire(document, [], wire(1, 0, 2, "input-1"), null, types).canvas;
    const one = addReroute(laid, 1, [100, 0]);
    expect(pointAfter(one, 1, [150, 0])).toBe(1);
    expect(pointAfter(one, 1, [50, 0])).toBeUndefined();
  });
});
