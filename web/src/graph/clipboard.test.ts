import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyText, pasteable, pasted } from "./clipboard";
import { canvasAt, EMPTY_DOCUMENT } from "./document";
import { collapse } from "./edits/collapse";
import { randomDocument } from "./testing";

describe("copied nodes", () => {
  it("come with the wires between them, and stand as they stood to each other", () => {
    fc.assert(
      fc.property(randomDocument, (document) => {
        const ids = [...document.canvas.nodes.keys()];
        const part = pasteable(copyText(document, [], ids));
        const { canvas } = pasted(EMPTY_DOCUMENT, [], part ?? EMPTY_DOCUMENT, [0, 0]).document;
        expect(canvas.nodes.size).toBe(ids.length);
        expect(canvas.links.size).toBe(document.canvas.links.size);
        expect(shape([...canvas.nodes.values()])).toEqual(shape([...document.canvas.nodes.values()]));
      }),
    );
  });

  it("get ids that are free, and leave what is there alone", () => {
    fc.assert(
      fc.property(randomDocument, (document) => {
        const ids = [...document.canvas.nodes.keys()];
        const part = pasteable(copyText(document, [], ids));
        const done = pasted(document, [], part ?? EMPTY_DOCUMENT, [10, 10]);
        for (const [id, node] of document.canvas.nodes) expect(done.document.canvas.nodes.get(id)).toBe(node);
        expect(done.ids.filter((id) => document.canvas.nodes.has(id))).toEqual([]);
        expect(done.document.canvas.nodes.size).toBe(2 * ids.length);
      }),
    );
  });

  it("bring their subgraphs along, but never into themselves", () => {
    fc.assert(
      fc.property(randomDocument, (document) => {
        const done = collapse(document, [], [...document.canvas.nodes.keys()].slice(0, 2), "Part");
        fc.pre(done !== undefined);
        if (!done) return;
        const part = pasteable(copyText(done.document, [], [done.id])) ?? EMPTY_DOCUMENT;
        const elsewhere = pasted(EMPTY_DOCUMENT, [], part, [0, 0]);
        expect(elsewhere.document.subgraphs.size).toBe(1);
        const again = pasted(done.document, [], part, [0, 0]);
        expect(again.document.subgraphs.size).toBe(1);
        const inside = pasted(done.document, [done.id], part, [0, 0]);
        expect(inside.ids).toEqual([]);
        expect(canvasAt(inside.document, [done.id])).toBe(canvasAt(done.document, [done.id]));
      }),
    );
  });

  it("are no other text", () => {
    expect(pasteable("hello")).toBeUndefined();
    expect(pasteable('{"nodes": 3}')).toBeUndefined();
  });
});

function shape(nodes: readonly { pos: readonly [number, number]; type: string }[]) {
  const left = Math.min(...nodes.map((node) => node.pos[0]));
  const top = Math.min(...nodes.map((node) => node.pos[1]));
  return nodes.map(({ pos, type }) => [pos[0] - left, pos[1] - top, type]).sort();
}
