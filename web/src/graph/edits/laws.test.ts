/** What holds of every edit, whatever came before it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Canvas, type Document, EMPTY_DOCUMENT, nodeOf, withCanvas } from "../document";
import { begin, record, redo, undo } from "../history";
import { readDocument } from "../reading";
import { fits } from "../sockets";
import { type RandomEdit, randomDocument, randomEdit } from "../testing";
import { writeDocument } from "../writing";
import { reaches } from "./links";
import { settled } from "./settle";

const edits = fc.array(randomEdit, { maxLength: 80, size: "max" });

describe("edits", () => {
  it("keep the canvas true: slots and wires tell the same, types fit, nothing leads in a circle", () => {
    fc.assert(
      fc.property(edits, (list) => {
        expectTrue(list.reduce((canvas, edit) => edit.apply(canvas), EMPTY_DOCUMENT.canvas));
      }),
    );
  });

  it("never change a document in place", () => {
    fc.assert(
      fc.property(randomDocument, edits, (document, list) => {
        const before = JSON.stringify(writeDocument(document));
        done(document, list);
        expect(JSON.stringify(writeDocument(document))).toBe(before);
      }),
    );
  });

  it("1,000 of them, undone, give the very document that was opened; redone, the last one", () => {
    fc.assert(
      fc.property(
        randomDocument,
        fc.array(randomEdit, { minLength: 1000, maxLength: 1000, size: "max" }),
        (document, list) => {
          let history = begin(document);
          for (const edit of list) history = record(history, done(history.present, [edit]), edit.name);
          const last = history.present;
          for (let step = 0; step < list.length; step++) history = undo(history);
          expect(history.present).toBe(document);
          for (let step = 0; step < list.length; step++) history = redo(history);
          expect(history.present).toBe(last);
        },
      ),
      { numRuns: 10 },
    );
  });

  it("survive being saved and opened", () => {
    fc.assert(
      fc.property(randomDocument, (document) => {
        const written = writeDocument(document);
        expect(writeDocument(readDocument(JSON.parse(JSON.stringify(written))))).toEqual(written);
      }),
    );
  });
});

function done(document: Document, list: readonly RandomEdit[]): Document {
  return list.reduce((found, edit) => withCanvas(found, [], edit.apply(found.canvas)), document);
}

function expectTrue(canvas: Canvas): void {
  const again = settled(canvas);
  expect(again.nodes).toBe(canvas.nodes);
  expect(again.reroutes).toBe(canvas.reroutes);
  for (const link of canvas.links.values()) {
    const [from, to] = [nodeOf(canvas, link.origin), nodeOf(canvas, link.target)];
    const [output, input] = [from?.outputs[link.originSlot], to?.inputs[link.targetSlot]];
    expect(output && input && fits(output.type, input.type)).toBe(true);
    expect(input?.link).toBe(link.id);
    expect(reaches(canvas, link.target, link.origin)).toBe(false);
  }
}
