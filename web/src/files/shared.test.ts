import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Document, EMPTY_DOCUMENT, withCanvas } from "../graph/document";
import { sameDocument } from "../graph/merge";
import { type RandomEdit, randomDocument, randomEdit } from "../graph/testing";
import { type Edit, Shared } from "./shared";

const told = (edit: Edit): Edit => structuredClone(edit);

function edited(document: Document, edit: RandomEdit): Document {
  return withCanvas(document, [], edit.apply(document.canvas));
}

describe("a document in two windows", () => {
  it("follows edits made in turn, whoever makes them", () => {
    const turns = fc.array(fc.tuple(fc.boolean(), randomEdit), { maxLength: 30 });
    fc.assert(
      fc.property(randomDocument, turns, (document, list) => {
        const [one, two] = [new Shared("a", document), new Shared("b", structuredClone(document))];
        let expected = document;
        for (const [first, edit] of list) {
          const [from, to] = first ? [one, two] : [two, one];
          expected = edited(from.document, edit);
          const message = from.edited(expected);
          if (message) to.hear(told(message));
        }
        expect(sameDocument(one.document, expected)).toBe(true);
        expect(sameDocument(two.document, expected)).toBe(true);
      }),
    );
  });

  it("is the same in both after edits made at once, and goes on", () => {
    fc.assert(
      fc.property(randomDocument, randomEdit, randomEdit, randomEdit, (document, first, second, third) => {
        const [one, two] = [new Shared("a", document), new Shared("b", structuredClone(document))];
        const mine = one.edited(edited(one.document, first));
        const theirs = two.edited(edited(two.document, second));
        if (theirs) one.hear(told(theirs));
        if (mine) two.hear(told(mine));
        expect(sameDocument(one.document, two.document)).toBe(true);
        const next = one.edited(edited(one.document, third));
        if (next) two.hear(told(next));
        expect(sameDocument(one.document, two.document)).toBe(true);
      }),
    );
  });

  it("is taken over by a window that opens it later", () => {
    const [one, two] = [new Shared("a", EMPTY_DOCUMENT), new Shared("b", EMPTY_DOCUMENT)];
    fc.assert(
      fc.property(randomDocument, (document) => {
        one.edited(document);
        const late = new Shared("c", EMPTY_DOCUMENT);
        expect(sameDocument(late.hear(told(one.standing())), one.document)).toBe(true);
      }),
      { numRuns: 20 },
    );
    expect(two.document).toBe(EMPTY_DOCUMENT);
  });
});
