/** The fields on an instance of a subgraph: those of nodes inside that were promoted. */
import type { Catalogue, InputDefinition, NodeDefinition } from "../graph/catalogue";
import type { Document, Subgraph } from "../graph/document";
import { asText, type Json } from "../graph/json";
import { type Promoted, promotedField, promotedWidgets } from "../graph/promoted";
import { readValues } from "../graph/widgetValues";

/** What makes a field bring a second one, whose value instances do not list. */
const COMPANIONS = ["image_upload", "video_upload", "animated_image_upload", "audio_upload"];

/** The class that an instance would have if the server had one for it, as far as its fields go. */
export function instanceDefinition(subgraph: Subgraph, document: Document, catalogue: Catalogue): NodeDefinition {
  return {
    name: subgraph.id,
    title: subgraph.name,
    category: "",
    description: asText(subgraph.raw.description),
    aliases: [],
    inputs: promotedWidgets(subgraph).flatMap((field) => inputFor(field, document, catalogue) ?? []),
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

/** The input of a class that a promoted field comes from, through subgraphs within; its value there is the default. */
function inputFor(field: Promoted, document: Document, catalogue: Catalogue): InputDefinition | undefined {
  let inner: Promoted | undefined = field;
  for (let depth = 0; inner && depth < 64; depth++) {
    const { node, widget }: Promoted = inner;
    const definition = catalogue.get(node.type);
    const input = definition?.inputs.find((found) => found.name === widget);
    if (definition && input) return renamed(input, field.name, readValues(node, definition).get(widget));
    const subgraph = document.subgraphs.get(node.type);
    inner = subgraph && promotedField(subgraph, widget);
  }
  return undefined;
}

function renamed(input: InputDefinition, name: string, value: Json | undefined): InputDefinition {
  const kept = Object.entries(input.options).filter(([key]) => !COMPANIONS.includes(key));
  const options = Object.fromEntries<Json>([...kept, ["control_after_generate", false]]);
  return { ...input, name, options: value === undefined ? options : { ...options, default: value } };
}
