import fc from "fast-check";
import { expect, it } from "vitest";
import { compare, isSame } from "./compare";
import { withCanvas } from "./document";
import { addNode, removeNodes, setTitle } from "./edits/nodes";
import { newNode, randomDocument } from "./testing";

it("finds nothing between a document and its copy", () => {
  fc.assert(
    fc.property(randomDocument, (document) => {
      expect(isSame(compare(document, structuredClone(document)))).toBe(true);
    }),
  );
});

it("finds what was added, and on the way back what was removed", () => {
  fc.assert(
    fc.property(randomDocument, newNode, (document, node) => {
      const after = withCanvas(document, [], addNode(document.canvas, node).canvas);
      expect(compare(document, after)).toEqual({ added: [node.type], removed: [], changed: [], wires: 0 });
      expect(compare(after, document)).toEqual({ added: [], removed: [node.type], changed: [], wires: 0 });
    }),
  );
});

it("finds what was changed by its new title, and the wires of what was removed", () => {
  fc.assert(
    fc.property(randomDocument, (document) => {
      const [id] = document.canvas.nodes.keys();
      fc.pre(id !== undefined);
      const named = withCanvas(document, [], setTitle(document.canvas, id, "A new title"));
      expect(compare(document, named).changed).toEqual(["A new title"]);
      const links = [...document.canvas.links.values()].filter(({ origin, target }) =>
        [origin, target].map(String).includes(id),
      );
      const without = withCanvas(document, [], removeNodes(document.canvas, [id], {}));
      expect(compare(document, without).wires).toBe(links.length);
    }),
  );
});
