import { describe, expect, it } from "vitest";
import { blocksOf, firstParagraph } from "./paragraphs";

describe("a description", () => {
  it("is paragraphs whose lines were only broken by their writer", () => {
    expect(blocksOf("One\ntwo.\n\nThree.")).toEqual([
      { kind: "text", text: "One two." },
      { kind: "text", text: "Three." },
    ]);
  });

  it("has sections and lists", () => {
    expect(blocksOf("First.\n\nNotes:\n    - a\n      and more\n    - b")).toEqual([
      { kind: "text", text: "First." },
      { kind: "head", text: "Notes" },
      { kind: "list", items: ["a and more", "b"] },
    ]);
  });

  it("may be nothing", () => {
    expect([blocksOf(""), firstParagraph("")]).toEqual([[], ""]);
  });
});
