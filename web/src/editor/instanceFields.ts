/** The fields on an instance of a subgraph: those of nodes inside that were promoted. */

import { ACCEPTS, uploadOf } from "../fields/rows";
import type { Catalogue, InputDefinition, NodeDefinition } from "../graph/catalogue";
import { type Document, type Subgraph, typeName } from "../graph/document";
import { asText, type Json, type JsonObject } from "../graph/json";
import { type Promoted, promotedField, promotedWidgets } from "../graph/promoted";
import { BRINGS_BUTTON } from "../graph/widgets";
import { readValues } from "../graph/widgetValues";

/** The class that an instance would have if the server had one for it, as far as its fields go. */
export function instanceDefinition(subgraph: Subgraph, document: Document, catalogue: Catalogue): NodeDefinition {
  return {
    name: subgraph.id,
    title: subgraph.name,
    category: "",
    description: asText(subgraph.raw.description),
    aliases: [],
    inputs: promotedWidgets(subgraph).map((field) => inputFor(field, document, catalogue)),
    outputs: subgraph.outputs.map((output) => ({
      name: asText(output.name),
      type: output.type ?? "*",
      isList: false,
      tooltip: "",
    })),
    isOutput: false,
    deprecated: false,
    experimental: false,
    module: "",
    info: {},
  };
}

/**
 * The input of a class that a promoted field comes from, through subgraphs within; its value there is the default. One of
 * a class that is not here has its place all the same: instances list values by position.
 */
function inputFor(field: Promoted, document: Document, catalogue: Catalogue): InputDefinition {
  let inner: Promoted | undefined = field;
  for (let depth = 0; inner && depth < 64; depth++) {
    const { node, widget }: Promoted = inner;
    const definition = catalogue.get(node.type);
    const input = definition?.inputs.find((found) => found.name === widget);
    if (definition && input) return renamed(input, field.name, readValues(node, definition).get(widget));
    const subgraph = document.subgraphs.get(node.type);
    inner = subgraph && promotedField(subgraph, widget);
  }
  return unknown(field);
}

/** Without the fields that come with it in its own class, whose values instances do not list. */
function renamed(input: InputDefinition, name: string, value: Json | undefined): InputDefinition {
  const kept = Object.entries(input.options).filter(([key]) => !BRINGS_BUTTON.has(key));
  const accepts = uploadOf(input);
  const options: JsonObject = {
    ...Object.fromEntries(kept),
    control_after_generate: false,
    ...(accepts === undefined ? {} : { [ACCEPTS]: accepts }),
    ...(value === undefined ? {} : { default: value }),
  };
  return { ...input, name, options };
}

function unknown({ name, node, widget }: Promoted): InputDefinition {
  const type = typeName(node.inputs.find((slot) => slot.widget === widget)?.type ?? "*");
  return { name, type, choices: undefined, required: false, options: {}, drawn: true };
}
