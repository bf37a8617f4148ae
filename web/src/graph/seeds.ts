/** The values of a document that change after each run, wherever they stand: on nodes, on primitives, on instances. */
import type { Catalogue, InputDefinition, NodeDefinition } from "./catalogue";
import { type Canvas, type Document, type GraphNode, MODE, PRIMITIVE } from "./document";
import { innerField } from "./innerField";
import { asText, isList, type Json } from "./json";
import { nextValue, type Random } from "./nextValue";
import { inputFedBy } from "./primitives";
import { type Promoted, promotedValue, promotedWidgets, writePromotedValue } from "./promoted";
import { widgetsOf } from "./widgets";
import { readValues, writeValue } from "./widgetValues";

/** One value that changes by itself. */
export interface Controlled {
  readonly node: GraphNode;
  readonly name: string;
  readonly value: Json | undefined;
  /** What becomes of it: `increment`. */
  readonly control: string;
  readonly filter: string;
  readonly input: InputDefinition;
  /** The node with another value. */
  readonly write: (node: GraphNode, value: Json) => GraphNode;
}

/** The document for the next run. Nodes that do not run, and fields that a wire feeds, stay as they are. */
export function afterQueue(document: Document, catalogue: Catalogue, random: Random = Math.random): Document {
  const canvas = advanced(document.canvas, document, catalogue, random);
  let subgraphs = document.subgraphs;
  for (const [id, subgraph] of document.subgraphs) {
    const inside = advanced(subgraph.canvas, document, catalogue, random);
    if (inside !== subgraph.canvas) subgraphs = new Map(subgraphs).set(id, { ...subgraph, canvas: inside });
  }
  const isSame = canvas === document.canvas && subgraphs === document.subgraphs;
  return isSame ? document : { ...document, canvas, subgraphs };
}

/** The values of a canvas that change by themselves. */
export function controlledIn(canvas: Canvas, document: Document, catalogue: Catalogue): readonly Controlled[] {
  return [...canvas.nodes.values()]
    .filter(({ mode }) => mode !== MODE.muted && mode !== MODE.bypassed)
    .flatMap((node) => {
      if (node.type === PRIMITIVE) return ofPrimitive(node, canvas, catalogue);
      const definition = catalogue.get(node.type);
      return definition ? ofNode(node, definition) : ofInstance(node, document, catalogue);
    });
}

function advanced(canvas: Canvas, document: Document, catalogue: Catalogue, random: Random): Canvas {
  let nodes = canvas.nodes;
  for (const { node, value, control, filter, input, write } of controlledIn(canvas, document, catalogue)) {
    const next = nextValue(input, value, control, random, filter);
    if (next === undefined || next === value) continue;
    const id = String(node.id);
    nodes = new Map(nodes).set(id, write(nodes.get(id) ?? node, next));
  }
  return nodes === canvas.nodes ? canvas : { ...canvas, nodes };
}

function ofNode(node: GraphNode, definition: NodeDefinition): Controlled[] {
  return definition.inputs.flatMap((input) => {
    const told = isWired(node, input.name) ? undefined : controlOf(node, definition, input.name);
    if (!told) return [];
    const value = readValues(node, definition).get(input.name);
    const write = (changed: GraphNode, next: Json) => writeValue(changed, definition, input.name, next);
    return [{ node, name: input.name, value, input, write, ...told }];
  });
}

/** What becomes of a field of a node, by the field that stands beside it; undefined where there is none. */
function controlOf(node: GraphNode, definition: NodeDefinition, name: string) {
  const beside = widgetsOf(definition).filter((widget) => widget.input?.name === name);
  const control = beside.find((widget) => widget.kind === "CONTROL");
  if (!control) return undefined;
  const values = readValues(node, definition);
  const filter = beside.find((widget) => widget.name.startsWith("control_filter_list"));
  return { control: spelled(values.get(control.name)), filter: asText(filter && values.get(filter.name)) };
}

/** An instance has values of its own for what was led out of its subgraph; what becomes of them is told inside. */
function ofInstance(node: GraphNode, document: Document, catalogue: Catalogue): Controlled[] {
  const subgraph = document.subgraphs.get(node.type);
  if (!subgraph) return [];
  const innerValue = ({ name }: Promoted) => {
    const inner = innerField(document, [], node, name);
    return inner && readValues(inner.node, catalogue.get(inner.node.type)).get(inner.widget);
  };
  return promotedWidgets(subgraph).flatMap((promoted) => {
    const { name } = promoted;
    const inner = isWired(node, name) ? undefined : innerField(document, [], node, name);
    const definition = inner && catalogue.get(inner.node.type);
    const input = definition?.inputs.find((one) => one.name === inner?.widget);
    const told = inner && definition && controlOf(inner.node, definition, inner.widget);
    if (!input || !told) return [];
    const write = (changed: GraphNode, next: Json) => writePromotedValue(changed, subgraph, name, next, innerValue);
    return [{ node, name, value: promotedValue(node, subgraph, name) ?? innerValue(promoted), input, write, ...told }];
  });
}

/** A primitive holds its value, what becomes of it, and perhaps a filter, by position. */
function ofPrimitive(node: GraphNode, canvas: Canvas, catalogue: Catalogue): Controlled[] {
  const input = inputFedBy(node, canvas, catalogue);
  if (!input || !isList(node.values) || node.values.length < 2) return [];
  const [value, control, filter] = node.values;
  const write = (changed: GraphNode, next: Json) =>
    isList(changed.values) ? { ...changed, values: changed.values.with(0, next) } : changed;
  return [{ node, name: "value", value, control: spelled(control), filter: asText(filter), input, write }];
}

function isWired(node: GraphNode, name: string): boolean {
  return node.inputs.some((slot) => slot.widget === name && slot.link !== null);
}

/** Old documents say true for a random number and false for the same one. */
export function spelled(control: Json | undefined): string {
  if (typeof control === "boolean") return control ? "randomize" : "fixed";
  return asText(control, "fixed");
}
