import { describe, expect, it } from "vitest";
import { type Canvas, EMPTY_CANVAS } from "../graph/document";
import { connect } from "../graph/edits/links";
import { addNode, moveNodes, type NewNode } from "../graph/edits/nodes";
import { addReroute } from "../graph/edits/reroutes";
import { EMPTY_FLOW, type Flow, flowOf } from "./flow";
import { carriedBy, held, NOTHING_HELD, placed, withHeld } from "./hold";

const bare = (pos: readonly [number, number]): NewNode => ({
  type: "Some",
  pos,
  size: [240, 100],
  mode: 0,
  collapsed: false,
  inputs: [{ name: "in", type: "IMAGE", link: null, raw: {} }],
  outputs: [{ name: "out", type: "IMAGE", links: [], raw: {} }],
  values: [],
  properties: {},
  raw: {},
});

function three(): Canvas {
  const places = [
    [0, 0],
    [400, 0],
    [800, 0],
  ] as const;
  const nodes = places.reduce((canvas, pos) => addNode(canvas, bare(pos)).canvas, EMPTY_CANVAS);
  return connect(nodes, { node: 1, slot: 0 }, { node: 2, slot: 0 });
}

function shown(canvas: Canvas, before: Flow = EMPTY_FLOW, selection: ReadonlySet<string> = new Set()): Flow {
  return flowOf({ canvas, subgraph: undefined, selection, measured: new Map() }, before);
}

describe("the flow of a canvas", () => {
  it("keeps the objects of whatever stayed the same", () => {
    const canvas = three();
    const before = shown(canvas);
    const after = shown(moveNodes(canvas, new Map([["3", [900, 50]]])), before);
    expect(after.nodes.map((node, index) => node === before.nodes[index])).toEqual([true, true, false]);
    expect(after.edges[0]).toBe(before.edges[0]);
    expect(shown(canvas, before).nodes).toEqual(before.nodes);
  });

  it("keeps the data of a card that is only selected, so that it is not drawn again", () => {
    const canvas = three();
    const before = shown(canvas);
    const [chosen, other] = shown(canvas, before, new Set(["1"])).nodes;
    expect(chosen).toMatchObject({ selected: true });
    expect(chosen?.data).toBe(before.nodes[0]?.data);
    expect(other).toBe(before.nodes[1]);
  });

  it("leaves out wires that lead nowhere", () => {
    const canvas = three();
    const link = canvas.links.get(1);
    if (!link) throw new Error("there is one");
    const broken = { ...canvas, links: new Map([...canvas.links, [9, { ...link, id: 9, targetSlot: 7 }]]) };
    expect(shown(broken).edges.map((edge) => edge.id)).toEqual(["link:1"]);
  });
});

describe("what the hand holds", () => {
  const framed: Canvas = {
    ...addReroute(three(), 1, [300, 20]),
    groups: [{ title: "A", pos: [-20, -80], size: [400, 300], raw: {} }],
  };
  const nodes = shown(framed).nodes;
  const move = (id: string, x: number, y: number) => ({ id, type: "position", position: { x, y } }) as const;

  it("is moved on the sheet at once, and in the document when it is let go", () => {
    const hold = held(NOTHING_HELD, carriedBy([move("2", 410, 33.4)], nodes), []);
    expect(withHeld(nodes, hold).find((node) => node.id === "2")?.position).toEqual({ x: 410, y: 33.4 });
    expect(placed(framed, hold.places).nodes.get("2")?.pos).toEqual([410, 63]);
    expect(placed(framed, hold.places).nodes.get("1")).toBe(framed.nodes.get("1"));
  });

  it("takes what is in a frame with it", () => {
    const after = placed(framed, carriedBy([move("group:0", 80, -80)], nodes));
    expect(after.groups[0]?.pos).toEqual([80, -80]);
    expect(after.nodes.get("1")?.pos).toEqual([100, 0]);
    expect(after.nodes.get("2")?.pos).toEqual([400, 0]);
    expect([...after.reroutes.values()][0]?.pos).toEqual([400, 20]);
  });
});
