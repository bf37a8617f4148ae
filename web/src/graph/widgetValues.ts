/** The values of a node by the names of its fields: how they are read, and how one is written without moving others. */
import type { NodeDefinition } from "./catalogue";
import type { GraphNode } from "./document";
import { equal } from "./equal";
import { isList, type Json } from "./json";
import { listed } from "./widgetFit";
import { type Reading, read, recordedLayout } from "./widgetReading";
import { type Widget, widgetsOf } from "./widgets";

const known = new WeakMap<GraphNode, { readonly definition: NodeDefinition | undefined; readonly reading: Reading }>();

/** Read the values of a node; of one node and class always the same answer. */
export function readNodeValues(node: GraphNode, definition: NodeDefinition | undefined): Reading {
  const before = known.get(node);
  if (before && before.definition === definition) return before.reading;
  const reading = read(node.values ?? [], widgets(definition), recorded(node));
  known.set(node, { definition, reading });
  return reading;
}

/** The values of a node by the names of its fields, those that no prompt carries among them. */
export function readValues(node: GraphNode, definition: NodeDefinition | undefined): ReadonlyMap<string, Json> {
  return readNodeValues(node, definition).values;
}

/** The values of a new node, in their order. */
export function defaultValues(definition: NodeDefinition): readonly Json[] {
  return widgetsOf(definition).map((widget) => widget.default ?? null);
}

/**
 * The node with another value in one of its fields; all else stays where it stands.
 *
 * Where the list of values could then be read in another way, it is written anew in the order of the class. A name that
 * the class does not have, and values of an unknown class that have no names, leave the node as it is.
 */
export function writeValue(
  node: GraphNode,
  definition: NodeDefinition | undefined,
  name: string,
  value: Json,
): GraphNode {
  if (node.values !== undefined && !isList(node.values)) return { ...node, values: { ...node.values, [name]: value } };
  const widget = widgets(definition).find((item) => item.name === name);
  if (!widget) return node;
  const wanted = new Map(readValues(node, definition)).set(name, listed(value, widget));
  const written = rewritings(node, widgets(definition), widget, value, wanted).map((values) => ({ ...node, values }));
  return written.find((item) => isRead(item, definition, wanted)) ?? written.at(-1) ?? node;
}

/** The node with its values as they are read now, in the order of its class: they will not be doubted again. */
export function withSettledValues(node: GraphNode, definition: NodeDefinition): GraphNode {
  const found = readValues(node, definition);
  const written = inOrders(node, widgets(definition), found).map((values) => ({ ...node, values }));
  return written.find((item) => isRead(item, definition, found)) ?? node;
}

/** The lists that may say what is wanted; the one that changes least comes first. */
function rewritings(
  node: GraphNode,
  all: readonly Widget[],
  widget: Widget,
  value: Json,
  wanted: ReadonlyMap<string, Json>,
): (readonly Json[])[] {
  const values = isList(node.values) ? node.values : [];
  const layout = read(values, all, recorded(node)).layout ?? [];
  const at = layout.indexOf(all.indexOf(widget));
  return [...(at === -1 ? [] : [values.with(at, value)]), ...inOrders(node, all, wanted)];
}

/** The values in the order of the names that a node tells, if it tells any, and in that of its class. */
function inOrders(
  node: GraphNode,
  all: readonly Widget[],
  wanted: ReadonlyMap<string, Json>,
): readonly (readonly Json[])[] {
  const ordered = all.map((item) => wanted.get(item.name) ?? null);
  const named = recordedLayout(recorded(node), all)?.map((place) => ordered[place] ?? null);
  return named && named.length >= ordered.length ? [named, ordered] : [ordered];
}

function isRead(node: GraphNode, definition: NodeDefinition | undefined, wanted: ReadonlyMap<string, Json>): boolean {
  const found = readValues(node, definition);
  return [...wanted].every(([name, value]) => equal(found.get(name), value));
}

function widgets(definition: NodeDefinition | undefined): readonly Widget[] {
  return definition ? widgetsOf(definition) : [];
}

/** The names of fields that a node itself tells, in order: those of its sockets that stand for one. */
function recorded(node: GraphNode): string[] {
  return node.inputs.flatMap((slot) => (slot.widget === undefined ? [] : [slot.widget]));
}
