import { describe, expect, it } from "vitest";
import { readCatalogue } from "../graph/catalogue";
import { withCanvas } from "../graph/document";
import { drawPrompt } from "../graph/drawing";
import { collapse } from "../graph/edits/collapse";
import { patchNodes } from "../graph/edits/nodes";
import { type Mark, marked, markOf, sectionsOf } from "./sections";

const CATALOGUE = readCatalogue({
  Load: { input: { required: { name: ["STRING", {}] } }, output: ["MODEL"] },
  Sample: { input: { required: { model: ["MODEL"], steps: ["INT", { default: 20 }] } }, output: ["LATENT"] },
});
const DOCUMENT = drawPrompt(
  {
    "2": { class_type: "Sample", inputs: { model: ["1", 0], steps: 4 } },
    "1": { class_type: "Load", inputs: { name: "a" } },
  },
  CATALOGUE,
);

function withMark(id: number, mark: Mark) {
  const canvas = patchNodes(DOCUMENT.canvas, [id], (node) => marked(node, mark));
  return withCanvas(DOCUMENT, [], canvas);
}

describe("the form of a graph", () => {
  it("has its nodes as they run, marked ones first", () => {
    const types = (document = DOCUMENT) => sectionsOf(document).shown.map(({ type }) => type);
    expect(types()).toEqual(["Load", "Sample"]);
    expect(types(withMark(2, "first"))).toEqual(["Sample", "Load"]);
  });

  it("leaves out what is hidden, and knows it", () => {
    const { shown, hidden } = sectionsOf(withMark(1, "hidden"));
    expect([shown.map(({ type }) => type), hidden.map(({ type }) => type)]).toEqual([["Sample"], ["Load"]]);
  });

  it("has subgraphs before plain nodes", () => {
    const made = collapse(DOCUMENT, [], [2], "Inner");
    const [first] = sectionsOf(made?.document ?? DOCUMENT).shown;
    expect(made?.document.subgraphs.has(first?.type ?? "")).toBe(true);
  });

  it("keeps the other properties of a node", () => {
    const node = { ...sectionsOf(DOCUMENT).shown[0], properties: { other: 1 } } as never;
    expect(markOf(marked(node, "first"))).toBe("first");
    expect(marked(marked(node, "first"), undefined).properties).toEqual({ other: 1 });
  });
});
