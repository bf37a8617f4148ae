/** What a prompt says of one node: its fields' values and its wires. The Python side is `engine/conversion.py`. */
import type { Catalogue, NodeDefinition } from "./catalogue";
import { type GraphNode, typeName } from "./document";
import { asObject, isList, isNumber, type Json, type JsonObject, writeJson } from "./json";
import { constantOf, KEPT, wrapped } from "./promptValues";
import { type Constant, followed, type KnownEnds } from "./routes";
import { idIn, type OpenScope } from "./scopes";
import { type Choose, drawn, replaced } from "./textTokens";
import { widgetsOf } from "./widgets";
import { readNodeValues } from "./widgetValues";

/** What a conversion draws from beside the document. */
export interface Circumstances {
  /** Takes one of the texts in `{a|b}`. */
  readonly choose: Choose;
  /** Fills the dates in file names. */
  readonly now: Date;
}

/** A conversion under way. */
export interface Work extends Circumstances {
  readonly catalogue: Catalogue;
  readonly known: KnownEnds;
}

const NAMES_FILES: ReadonlySet<string> = new Set([
  "SaveImage",
  "SaveAnimatedWEBP",
  "SaveAnimatedPNG",
  "SaveWEBM",
  "SaveAudio",
  "SaveGLB",
  "SaveLatent",
  "CLIPSave",
  "VAESave",
  "ModelSave",
  "LoraSave",
]);
const REPLACED_AS = "Node name for S&R";
/** What the official editor calls every field of a class that its server does not have. */
const UNKNOWN = "UNKNOWN";

export function titleOf(node: GraphNode, definition: NodeDefinition | undefined): string {
  return node.title || (definition?.title ?? node.type);
}

export function inputsOf(scope: OpenScope, node: GraphNode, work: Work): JsonObject {
  const values = sentValues(node, work.catalogue).map(([name, value]): [string, Json] => [name, wrapped(value)]);
  const inputs = new Map<string, Json>([...keptInputs(node), ...values]);
  for (const slot of node.inputs) {
    const end = slot.link === null ? undefined : followed(scope, slot.link, typeName(slot.type), work.known);
    if (!end) continue;
    if ("source" in end) inputs.set(slot.name, [idIn(end.source.scope, end.source.node), end.source.slot]);
    else if (slot.widget !== undefined) inputs.set(slot.name, wrapped(givenConstant(end.constant, work)));
  }
  sayTexts(inputs, scope, node, work);
  return Object.fromEntries(inputs);
}

/** The inputs for which the editor had no place when the document was made of a prompt. */
function keptInputs(node: GraphNode): [string, Json][] {
  return Object.entries(asObject(node.properties[KEPT])).map(([name, value]) => [
    name,
    isList(value) ? value : wrapped(constantOf(value)),
  ]);
}

/** The values of a node's fields as a prompt carries them, of an unknown class as far as the document names them. */
function sentValues(node: GraphNode, catalogue: Catalogue): [string, Json][] {
  const definition = catalogue.get(node.type);
  if (!definition && isList(node.values)) {
    const last = node.values.at(-1);
    return last === undefined ? [] : [[UNKNOWN, spelled(last)]];
  }
  const unsent = definition ? widgetsOf(definition).filter((widget) => !widget.sent) : [];
  const silent = new Set(unsent.map((widget) => widget.name));
  return [...readNodeValues(node, definition).values].filter(([name]) => !silent.has(name));
}

/** A value as the official editor shows it in a field of which it knows nothing. */
function spelled(value: Json): Json {
  return typeof value === "string" || typeof value === "boolean" || isNumber(value) ? value : writeJson(value);
}

function givenConstant({ value, scope, replaces }: Constant, work: Work): Json {
  return typeof value === "string" && replaces ? replacedIn(value, scope, work) : value;
}

/** Do what the editor does to texts when it sends them. */
function sayTexts(inputs: Map<string, Json>, scope: OpenScope, node: GraphNode, work: Work): void {
  const definition = work.catalogue.get(node.type);
  for (const widget of definition ? widgetsOf(definition) : []) {
    const text = widget.dynamic ? inputs.get(widget.name) : undefined;
    if (typeof text === "string") inputs.set(widget.name, drawn(text, work.choose));
  }
  const prefix = inputs.get("filename_prefix");
  if (typeof prefix === "string" && NAMES_FILES.has(node.type)) {
    inputs.set("filename_prefix", replacedIn(prefix, scope, work));
  }
}

function replacedIn(text: string, scope: OpenScope, work: Work): string {
  return replaced(text, (name, field) => fieldValue(scope, name, field, work.catalogue), work.now);
}

/** The value of a field of the first node of this name: its name for replacing, else its title. */
function fieldValue(scope: OpenScope, name: string, field: string, catalogue: Catalogue): Json | undefined {
  for (const node of scope.canvas.nodes.values()) {
    const title = titleOf(node, catalogue.get(node.type));
    if ((node.properties[REPLACED_AS] ?? title) !== name && title !== name) continue;
    return sentValues(node, catalogue).find(([key]) => key === field)?.[1];
  }
  return undefined;
}
