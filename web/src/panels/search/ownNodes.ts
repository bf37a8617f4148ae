/** Nodes that no server knows: notes, reroutes, and the document's own subgraphs. They are searched with the others. */
import type { NodeDefinition } from "../../graph/catalogue";
import { instanceAt, nodeFrom, noteAt, rerouteAt } from "../../graph/create";
import { type Document, type Point, REROUTE, type Subgraph, typeName } from "../../graph/document";
import type { NewNode } from "../../graph/edits/nodes";
import { asText, type Json, type JsonObject } from "../../graph/json";
import { t } from "../../words";

const NOTE = "MarkdownNote";

export function ownNodes(subgraphs: Document["subgraphs"]): readonly NodeDefinition[] {
  return [
    own(NOTE, { title: t("own.note"), description: t("own.noteText") }),
    own(REROUTE, { title: t("own.reroute"), description: t("own.rerouteText"), inputs: ["*"], outputs: ["*"] }),
    ...[...subgraphs.values()].map(ofSubgraph),
  ];
}

/** A new node of a definition; a reroute takes the type of the wire that it is for. */
export function newNode(definition: NodeDefinition, pos: Point, document: Document, type: Json = "*"): NewNode {
  if (definition.name === NOTE) return noteAt(pos);
  if (definition.name === REROUTE) return rerouteAt(pos, typeName(type));
  return instanceAt(document, definition.name, pos) ?? nodeFrom(definition, pos);
}

interface Own {
  readonly title: string;
  readonly description: string;
  readonly inputs?: readonly Json[];
  readonly outputs?: readonly Json[];
}

function own(name: string, { title, description, inputs = [], outputs = [] }: Own): NodeDefinition {
  return {
    name,
    title,
    category: t("own.category"),
    description,
    aliases: [],
    inputs: inputs.map((type) => slot(typeName(type), type)),
    outputs: outputs.map((type) => ({ name: typeName(type), type, isList: false, tooltip: "" })),
    isOutput: false,
    deprecated: false,
    experimental: false,
    module: "",
    info: {},
  };
}

function slot(name: string, type: Json): NodeDefinition["inputs"][number] {
  return { name, type: typeName(type), choices: undefined, required: false, options: {} };
}

function ofSubgraph({ id, name, inputs, outputs }: Subgraph): NodeDefinition {
  const types = (sockets: readonly JsonObject[]) => sockets.map((socket) => asText(socket.type, "*"));
  return own(id, {
    title: name,
    description: t("own.subgraphText"),
    inputs: types(inputs),
    outputs: types(outputs),
  });
}
