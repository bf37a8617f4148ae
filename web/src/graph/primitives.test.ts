import { describe, expect, it } from "vitest";
import { readCatalogue } from "./catalogue";
import type { GraphNode } from "./document";
import type { JsonObject } from "./json";
import { primitiveDefinition } from "./primitives";
import { readDocument } from "./reading";
import { readValues } from "./widgetValues";

const CATALOGUE = readCatalogue({
  KSampler: { input: { required: { steps: ["INT", { default: 20, min: 1 }] } }, output: ["LATENT"] },
});

function primitive(outputs: readonly object[], values: readonly number[], ...others: object[]) {
  const nodes = [{ id: 1, type: "PrimitiveNode", outputs, widgets_values: values }, ...others];
  const links = others.length > 0 ? [[1, 1, 0, 2, 0, "INT"]] : [];
  const { canvas } = readDocument({ nodes, links, version: 0.4 } as unknown as JsonObject);
  const node = canvas.nodes.get("1") as GraphNode;
  return { node, definition: primitiveDefinition(node, canvas, CATALOGUE) };
}

describe("the field of a primitive", () => {
  it("is the one that it is wired to, with what becomes of it", () => {
    const fed = {
      id: 2,
      type: "KSampler",
      inputs: [{ name: "steps", type: "INT", link: 1, widget: { name: "steps" } }],
    };
    const { node, definition } = primitive([{ name: "INT", type: "INT", links: [1] }], [4, 0], fed);
    const controlled = { ...node, values: [4, "increment"] };
    expect(definition.inputs[0]?.options.min).toBe(1);
    expect([...readValues(controlled, definition)]).toEqual([
      ["value", 4],
      ["control_after_generate", "increment"],
    ]);
  });

  it("is of the type of its socket where it has no wire", () => {
    const { node, definition } = primitive([{ name: "FLOAT", type: "FLOAT", links: [] }], [0.5]);
    expect([...readValues(node, definition)]).toEqual([["value", 0.5]]);
  });

  it("is none where its type is not known yet", () => {
    expect(primitive([{ name: "connect to widget input", type: "*", links: [] }], []).definition.inputs).toEqual([]);
  });
});
