/** The fields on instances of subgraphs. */
import { describe, expect, it } from "vitest";
import { rowsOf, uploadOf } from "../fields/rows";
import { readCatalogue } from "../graph/catalogue";
import type { Document } from "../graph/document";
import { readDocument } from "../graph/reading";
import { widgetsOf } from "../graph/widgets";
import { readValues } from "../graph/widgetValues";
import { instanceDefinition } from "./instanceFields";

const CATALOGUE = readCatalogue({
  Load: { input: { required: { image: [["a.png", "b.png"], { image_upload: true }] } }, input_order: {}, output: [] },
  Sample: { input: { required: { seed: ["INT", { default: 0 }], steps: ["INT", { default: 20 }] } }, output: [] },
});

/** A subgraph with a node of each class, each with one of its fields promoted in this order. */
function subgraphOf(...fields: readonly (readonly [type: string, widget: string, kind: string])[]): Document {
  const nodes = fields.map(([type, widget, kind], id) => ({
    id,
    type,
    inputs: [{ name: widget, type: kind, link: id, widget: { name: widget } }],
  }));
  const links = fields.map(([, , type], id) => {
    return { id, origin_id: -10, origin_slot: id, target_id: id, target_slot: 0, type };
  });
  const inputs = fields.map(([, widget, type], id) => ({ id: `${id}`, name: widget, type }));
  const inner = { id: "inner", name: "Inner", nodes, links, inputs, outputs: [] };
  const values = ["b.png", "theirs", 7].slice(-fields.length);
  const instance = { id: 1, type: "inner", widgets_values: values };
  return readDocument({ nodes: [instance], links: [], version: 1, definitions: { subgraphs: [inner] } });
}

function shown(document: Document) {
  const [node] = document.canvas.nodes.values();
  const subgraph = document.subgraphs.get("inner");
  if (!node || !subgraph) throw new Error("The document has no instance.");
  const definition = instanceDefinition(subgraph, document, CATALOGUE);
  return { definition, values: Object.fromEntries(readValues(node, definition)) };
}

describe("the fields on an instance", () => {
  const document = subgraphOf(["Load", "image", "COMBO"], ["Foreign", "style", "STYLE"], ["Sample", "seed", "INT"]);

  it("have the values that stand in their places, also behind one of a class that is not here", () => {
    expect(shown(document).values).toEqual({ image: "b.png", style: "theirs", seed: 7 });
  });

  it("take uploads where they do inside, without the value of a button", () => {
    const { definition } = shown(document);
    expect(rowsOf(definition).map(({ kind }) => kind)).toEqual(["file", "json", "seed"]);
    expect(definition.inputs.map(uploadOf)).toEqual(["image/*", undefined, undefined]);
    expect(widgetsOf(definition)).toHaveLength(3);
  });
});
