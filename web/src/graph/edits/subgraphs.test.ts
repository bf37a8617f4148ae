import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Canvas,
  canvasAt,
  type Document,
  EMPTY_CANVAS,
  EMPTY_DOCUMENT,
  type GraphNode,
  type InputSlot,
  withCanvas,
} from "../document";
import { promotedField, promotedNames, promotedValue } from "../promoted";
import { readDocument } from "../reading";
import { randomDocument } from "../testing";
import { writeDocument } from "../writing";
import { collapse } from "./collapse";
import { expand } from "./expand";
import { connect } from "./links";
import { addNode, patchNode, removeNodes } from "./nodes";
import { connectInput, connectOutput, promote, removeSocket, renameSocket } from "./sockets";

const CLASSES = new Map();

describe("collapsing and expanding", () => {
  it("gives the same nodes, places and wires back, whatever was collapsed", () => {
    fc.assert(
      fc.property(randomDocument, fc.array(fc.nat(100), { minLength: 1 }), (document, choice) => {
        const all = [...document.canvas.nodes.keys()];
        const ids = choice.map((index) => all[index % (all.length || 1)]).filter((id) => id !== undefined);
        const done = collapse(document, [], ids, "Part");
        fc.pre(done !== undefined);
        if (!done) return;
        const back = expand(done.document, [], done.id, CLASSES);
        expect(back && meaning(back.document.canvas)).toEqual(meaning(document.canvas));
        expect(back?.document.subgraphs.size).toBe(0);
      }),
    );
  });

  it("is written so that it is read again as the same", () => {
    fc.assert(
      fc.property(randomDocument, (document) => {
        const done = collapse(document, [], [...document.canvas.nodes.keys()].slice(0, 3), "Part");
        if (!done) return;
        const written = writeDocument(done.document);
        expect(writeDocument(readDocument(JSON.parse(JSON.stringify(written))))).toEqual(written);
      }),
    );
  });

  it("makes a socket of every wire that crosses, and one of those from the same source", () => {
    const { document, ids } = chain();
    const done = collapse(document, [], [ids[1] ?? "", ids[2] ?? ""], "Middle");
    const node = done?.document.canvas.nodes.get(done.id);
    expect(node?.inputs.map((slot) => slot.name)).toEqual(["in"]);
    expect(node?.outputs.map((slot) => slot.name)).toEqual(["out"]);
    expect([...(done?.document.canvas.links.values() ?? [])].map((link) => [link.origin, link.target])).toEqual([
      [1, 5],
      [5, 4],
    ]);
  });
});

describe("the sockets of an open subgraph", () => {
  it("appear on every instance, with a value of its own for a promoted field", () => {
    const { document, id, scope } = collapsed();
    const shown = promote(document, scope, "2", "steps");
    const [subgraph] = shown.subgraphs.values();
    expect(subgraph && promotedNames(subgraph)).toEqual(["steps"]);
    expect(subgraph && promotedField(subgraph, "steps")?.node.id).toBe(2);
    const instance = shown.canvas.nodes.get(id);
    expect(instance?.inputs.find((slot) => slot.name === "steps")?.widget).toBe("steps");
    const valued = patchNode(shown.canvas, id, { values: [7] }).nodes.get(id);
    expect(valued && subgraph && promotedValue(valued, subgraph, "steps")).toBe(7);
  });

  it("can be renamed and removed; wires outside follow their socket", () => {
    const { document, id, scope } = collapsed();
    const renamed = renameSocket(document, scope, "inputs", 0, "picture");
    expect(renamed.canvas.nodes.get(id)?.inputs[0]).toMatchObject({ name: "picture", link: 1 });
    const removed = removeSocket(renamed, scope, "inputs", 0);
    expect(removed.canvas.nodes.get(id)?.inputs).toEqual([]);
    expect([...removed.canvas.links.values()].some((link) => String(link.target) === id)).toBe(false);
  });

  it("are made by wiring, and tell the wires that lead to them", () => {
    const { document, scope } = collapsed();
    const more = connectOutput(connectInput(document, scope, { node: 3, slot: 1 }), scope, { node: 2, slot: 0 });
    const [subgraph] = more.subgraphs.values();
    expect(subgraph?.inputs.map((socket) => socket.name)).toEqual(["in", "steps"]);
    expect(subgraph?.outputs.map((socket) => socket.name)).toEqual(["out", "out_1"]);
    for (const [index, socket] of (subgraph?.inputs ?? []).entries()) {
      const links = [...(subgraph?.canvas.links.values() ?? [])].filter(
        (link) => link.origin === -10 && link.originSlot === index,
      );
      expect(socket.linkIds).toEqual(links.map((link) => link.id));
    }
  });

  it("forget the wires of nodes that are deleted inside", () => {
    const { document, scope } = collapsed();
    const changed = withCanvas(document, scope, removeNodes(canvasAt(document, scope), [2]));
    const [subgraph] = changed.subgraphs.values();
    expect(subgraph?.inputs.map((socket) => socket.linkIds)).toEqual([[]]);
    expect(subgraph?.outputs.map((socket) => socket.linkIds)).toEqual([[3]]);
  });
});

/** What a canvas says, without how it is stored. */
function meaning(canvas: Canvas) {
  const node = ({ id, type, pos, size, mode, values }: GraphNode) => ({ id, type, pos, size, mode, values });
  const links = [...canvas.links.values()].map(({ id, origin, originSlot, target, targetSlot, type }) => ({
    id,
    origin,
    originSlot,
    target,
    targetSlot,
    type,
  }));
  const byId = <T extends { id: string | number }>(one: T, other: T) => Number(one.id) - Number(other.id);
  return { nodes: [...canvas.nodes.values()].map(node).sort(byId), links: links.sort(byId) };
}

/** Four nodes in a row. */
function chain(): { document: Document; ids: string[] } {
  let canvas: Canvas = EMPTY_CANVAS;
  const ids: string[] = [];
  for (let index = 0; index < 4; index++) {
    const slot = (name: string, widget?: string): InputSlot => ({
      name,
      type: widget ? "INT" : "IMAGE",
      link: null,
      raw: {},
      ...(widget ? { widget } : {}),
    });
    const added = addNode(canvas, {
      type: "Blur",
      pos: [index * 300, 0],
      size: [240, 100],
      mode: 0,
      collapsed: false,
      inputs: [slot("in"), slot("steps", "steps")],
      outputs: [{ name: "out", type: "IMAGE", links: [], raw: {} }],
      values: [index],
      properties: {},
      raw: {},
    });
    const before = ids.at(-1);
    canvas = before
      ? connect(added.canvas, { node: Number(before), slot: 0 }, { node: added.node.id, slot: 0 })
      : added.canvas;
    ids.push(String(added.node.id));
  }
  return { document: { ...EMPTY_DOCUMENT, canvas }, ids };
}

function collapsed(): { document: Document; id: string; scope: string[] } {
  const done = collapse(chain().document, [], ["2", "3"], "Middle");
  if (!done) throw new Error("nothing was collapsed");
  return { ...done, scope: [done.id] };
}

describe("a wire", () => {
  it("names its nodes as they name themselves, whoever lays it", () => {
    const { canvas } = chain().document;
    const wired = connect(canvas, { node: "1", slot: 0 }, { node: "3", slot: 0 });
    expect([...wired.links.values()].at(-1)).toMatchObject({ origin: 1, target: 3 });
  });
});
