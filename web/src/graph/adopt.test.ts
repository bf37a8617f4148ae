import fc from "fast-check";
import { expect, it } from "vitest";
import { withOwnParts } from "./adopt";
import { withCanvas } from "./document";
import { randomDocument, randomEdit } from "./testing";

const foreign = <T>(value: T): T => structuredClone(value);

it("a copy of a document is the document itself", () => {
  fc.assert(
    fc.property(randomDocument, (document) => {
      expect(withOwnParts(document, foreign(document))).toBe(document);
    }),
  );
});

it("a copy of an edited document is equal to it and shares what the edit left alone", () => {
  fc.assert(
    fc.property(randomDocument, fc.array(randomEdit, { maxLength: 4 }), (document, edits) => {
      const after = withCanvas(
        document,
        [],
        edits.reduce((canvas, edit) => edit.apply(canvas), document.canvas),
      );
      const adopted = withOwnParts(document, foreign(after));
      expect(adopted).toEqual(after);
      for (const [id, node] of document.canvas.nodes) {
        if (after.canvas.nodes.get(id) === node) expect(adopted.canvas.nodes.get(id)).toBe(node);
      }
    }),
  );
});
