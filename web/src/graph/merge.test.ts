import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Canvas, type Document, EMPTY_DOCUMENT, nodeOf, withCanvas } from "./document";
import { addGroup } from "./edits/groups";
import { connect, reaches } from "./edits/links";
import { addNode, moveNodes, type NewNode, patchNode, removeNodes, setTitle } from "./edits/nodes";
import { settled } from "./edits/settle";
import { merge, sameDocument } from "./merge";
import { readDocument } from "./reading";
import { sameEnds, sameNode } from "./renumber";
import { type RandomEdit, randomDocument, randomEdit } from "./testing";
import { writeDocument } from "./writing";

const edits = fc.array(randomEdit, { maxLength: 12, size: "max" });

function done(document: Document, list: readonly RandomEdit[]): Document {
  return withCanvas(
    document,
    [],
    list.reduce((canvas, edit) => edit.apply(canvas), document.canvas),
  );
}

/** As it comes from a file: no part is the same object as before. */
function saved(document: Document): Document {
  return readDocument(JSON.parse(JSON.stringify(writeDocument(document))));
}

function change(document: Document, edit: (canvas: Canvas) => Canvas): Document {
  return withCanvas(document, [], edit(document.canvas));
}

const PART: NewNode = {
  type: "A",
  pos: [0, 0],
  size: [240, 100],
  mode: 0,
  collapsed: false,
  inputs: [{ name: "in", type: "X", link: null, raw: {} }],
  outputs: [{ name: "out", type: "X", links: [], raw: {} }],
  values: [1, 2],
  properties: {},
  raw: {},
};

/** Two nodes, 1 and 2. */
const TWO = change(EMPTY_DOCUMENT, (canvas) => addNode(addNode(canvas, PART).canvas, PART).canvas);

describe("merging", () => {
  it("takes what one side changed, whichever it is, and is content when both changed the same", () => {
    fc.assert(
      fc.property(randomDocument, edits, (base, list) => {
        const changed = done(base, list);
        expect(merge(base, changed, saved(base))).toEqual({ document: changed, conflicts: [] });
        expect(sameDocument(merge(base, base, saved(changed)).document, changed)).toBe(true);
        expect(merge(base, changed, saved(changed))).toEqual({ document: changed, conflicts: [] });
      }),
    );
  });

  it("gives a true canvas, whatever the sides did", () => {
    fc.assert(
      fc.property(randomDocument, edits, edits, (base, mine, theirs) => {
        const { canvas } = merge(base, done(base, mine), saved(done(base, theirs))).document;
        const again = settled(canvas);
        expect(again.nodes).toBe(canvas.nodes);
        expect(again.reroutes).toBe(canvas.reroutes);
        for (const link of canvas.links.values()) {
          expect(nodeOf(canvas, link.origin)?.outputs[link.originSlot]?.links).toContain(link.id);
          expect(nodeOf(canvas, link.target)?.inputs[link.targetSlot]?.link).toBe(link.id);
          expect(reaches(canvas, link.target, link.origin)).toBe(false);
          expect(link.parent === undefined || canvas.reroutes.has(link.parent)).toBe(true);
        }
        expect(canvas.lastNodeId).toBeGreaterThanOrEqual(Math.max(0, ...[...canvas.nodes.keys()].map(Number)));
        expect(canvas.lastLinkId).toBeGreaterThanOrEqual(Math.max(0, ...canvas.links.keys()));
      }),
    );
  });

  it("loses no node that either side has and the other did not delete as it was", () => {
    fc.assert(
      fc.property(randomDocument, edits, edits, (base, list, other) => {
        const [mine, theirs] = [done(base, list), done(base, other)];
        const { canvas } = merge(base, mine, saved(theirs)).document;
        const expected = (side: Document, second: Document) =>
          [...side.canvas.nodes].filter(([id, node]) => {
            const before = base.canvas.nodes.get(id);
            return !before || second.canvas.nodes.has(id) || !sameNode(before, node);
          });
        for (const [id] of expected(mine, theirs)) expect(canvas.nodes.has(id)).toBe(true);
        const added = expected(theirs, mine).filter(([id]) => !base.canvas.nodes.has(id));
        const all = [...canvas.nodes.values()].map(({ type, values }) => JSON.stringify([type, values]));
        for (const [, node] of added) expect(all).toContain(JSON.stringify([node.type, node.values]));
      }),
    );
  });

  it("is the same from both sides where nothing clashes", () => {
    fc.assert(
      fc.property(randomDocument, edits, edits, (base, list, other) => {
        const [mine, theirs] = [done(base, list), done(base, other)];
        const [one, two] = [merge(base, mine, theirs), merge(base, theirs, mine)];
        const isFresh = (key: "lastNodeId" | "lastLinkId" | "lastGroupId" | "lastRerouteId") =>
          mine.canvas[key] > base.canvas[key] && theirs.canvas[key] > base.canvas[key];
        const collide = (["lastNodeId", "lastLinkId", "lastGroupId", "lastRerouteId"] as const).some(isFresh);
        fc.pre(!collide && one.conflicts.length + two.conflicts.length === 0);
        expect([...one.document.canvas.nodes.keys()].sort()).toEqual([...two.document.canvas.nodes.keys()].sort());
        for (const [id, node] of one.document.canvas.nodes) {
          const there = two.document.canvas.nodes.get(id);
          expect(there && sameNode(node, there)).toBe(true);
        }
        for (const [id, link] of one.document.canvas.links) {
          const there = two.document.canvas.links.get(id);
          expect(there && sameEnds(link, there)).toBe(true);
        }
      }),
    );
  });

  it("joins changes of different fields of one node", () => {
    const mine = change(TWO, (canvas) => moveNodes(canvas, new Map([["1", [50, 60]]])));
    const theirs = change(TWO, (canvas) => patchNode(setTitle(canvas, 1, "Named"), 1, { values: [1, 9] }));
    const { document, conflicts } = merge(TWO, mine, saved(theirs));
    expect(conflicts).toEqual([]);
    expect(document.canvas.nodes.get("1")).toMatchObject({ pos: [50, 60], title: "Named", values: [1, 9] });
  });

  it("keeps mine of one field that both changed, and tells it", () => {
    const mine = change(TWO, (canvas) => patchNode(canvas, 1, { values: [7, 2] }));
    const theirs = change(TWO, (canvas) => patchNode(canvas, 1, { values: [8, 3] }));
    const { document, conflicts } = merge(TWO, mine, saved(theirs));
    expect(document.canvas.nodes.get("1")?.values).toEqual([7, 3]);
    expect(conflicts).toEqual([{ part: "node", name: "A (1)", field: "widgets_values.0" }]);
  });

  it("gives nodes that both added under one id two ids, and leads wires along", () => {
    const grown = (type: string) => (canvas: Canvas) => {
      const added = addNode(canvas, { ...PART, type });
      return connect(added.canvas, { node: 1, slot: 0 }, { node: 3, slot: 0 });
    };
    const { document, conflicts } = merge(TWO, change(TWO, grown("Mine")), saved(change(TWO, grown("Theirs"))));
    const { nodes, links } = document.canvas;
    expect(conflicts).toEqual([]);
    expect([nodes.get("3")?.type, nodes.get("4")?.type]).toEqual(["Mine", "Theirs"]);
    expect([...links.values()].map((link) => [link.origin, link.target])).toEqual([
      [1, 3],
      [1, 4],
    ]);
    expect(nodes.get("1")?.outputs[0]?.links).toEqual([1, 2]);
  });

  it("keeps a node that one side deleted and the other changed", () => {
    const mine = change(TWO, (canvas) => removeNodes(canvas, ["1"], {}));
    const theirs = change(TWO, (canvas) => setTitle(canvas, 1, "Precious"));
    expect(merge(TWO, mine, saved(theirs)).document.canvas.nodes.get("1")?.title).toBe("Precious");
    expect(merge(TWO, mine, saved(theirs)).conflicts).toEqual([{ part: "node", name: "Precious (1)", field: "" }]);
    expect(merge(TWO, mine, TWO).document.canvas.nodes.has("1")).toBe(false);
  });

  it("lets no two wires into one socket and none in a circle", () => {
    const three = change(TWO, (canvas) => addNode(canvas, PART).canvas);
    const wire = (from: number, to: number) => (canvas: Canvas) =>
      connect(canvas, { node: from, slot: 0 }, { node: to, slot: 0 });
    const rivals = merge(three, change(three, wire(1, 3)), saved(change(three, wire(2, 3))));
    expect([...rivals.document.canvas.links.values()].map((link) => link.origin)).toEqual([1]);
    expect(rivals.conflicts).toEqual([{ part: "wire", name: "A (3)", field: "0" }]);
    const round = merge(three, change(three, wire(1, 2)), saved(change(three, wire(2, 1))));
    expect([...round.document.canvas.links.values()].map((link) => link.origin)).toEqual([1]);
    expect(round.conflicts).toEqual([{ part: "wire", name: "A (1)", field: "0" }]);
  });

  it("joins frames and what is not known of a document", () => {
    const base = readDocument({ nodes: [], links: [], extra: { a: 1 }, own: 1, version: 0.4 });
    const mine = change(base, (canvas) => addGroup(canvas, { title: "G", pos: [0, 0], size: [10, 10] }));
    const theirs = readDocument({ nodes: [], links: [], extra: { a: 1, b: 2 }, own: 2, version: 0.4 });
    expect(writeDocument(merge(base, mine, theirs).document)).toMatchObject({
      groups: [{ title: "G" }],
      extra: { a: 1, b: 2 },
      own: 2,
    });
  });
});
