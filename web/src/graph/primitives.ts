/** A primitive: a node that only the editor knows, which holds one value for the fields that it is wired to. */
import type { Catalogue, InputDefinition, NodeDefinition } from "./catalogue";
import { type Canvas, type GraphNode, nodeOf, PRIMITIVE, typeName } from "./document";
import { isWidget } from "./widgets";

const VALUE = "value";
const known = new WeakMap<InputDefinition | GraphNode, NodeDefinition>();

/**
 * The class that a primitive would have if the server had one for it: the field that it feeds, and what becomes of it.
 * As long as it feeds the same field it is the same class.
 */
export function primitiveDefinition(node: GraphNode, canvas: Canvas, catalogue: Catalogue): NodeDefinition {
  const fed = inputFedBy(node, canvas, catalogue);
  const found = known.get(fed ?? node);
  if (found) return found;
  const type = typeName(node.outputs[0]?.type);
  const input = fed ?? { name: VALUE, type, choices: undefined, required: true, options: {} };
  const isControlled = input.type === "INT" || input.type === "COMBO";
  const options = isControlled ? { ...input.options, control_after_generate: true } : input.options;
  const definition = madeUp([{ ...input, name: VALUE, options }].filter(isWidget));
  known.set(fed ?? node, definition);
  return definition;
}

/** The input that the first wire of a primitive leads to. */
export function inputFedBy(node: GraphNode, canvas: Canvas, catalogue: Catalogue): InputDefinition | undefined {
  const link = canvas.links.get(node.outputs[0]?.links?.[0] ?? -1);
  const target = link && nodeOf(canvas, link.target);
  const name = link && target?.inputs[link.targetSlot]?.widget;
  return catalogue.get(target?.type ?? "")?.inputs.find((input) => input.name === name);
}

function madeUp(inputs: readonly InputDefinition[]): NodeDefinition {
  return {
    name: PRIMITIVE,
    title: PRIMITIVE,
    category: "",
    description: "",
    aliases: [],
    inputs,
    outputs: [],
    isOutput: false,
    deprecated: false,
    experimental: false,
    module: "",
    info: {},
  };
}
