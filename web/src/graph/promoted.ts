/** Widgets that stand on the instances of a subgraph: which they are, and the values that an instance has for them. */
import { type Canvas, type GraphNode, nodeOf, SUBGRAPH_INPUT, type Subgraph } from "./document";
import { asText, isList, type Json, own } from "./json";

/** An input of a subgraph that stands for a widget inside. */
export interface Promoted {
  readonly name: string;
  /** Its place among the inputs of the subgraph. */
  readonly slot: number;
  /** The node inside whose widget it is, and the name of that widget. */
  readonly node: GraphNode;
  readonly widget: string;
}

const known = new WeakMap<Subgraph, readonly Promoted[]>();

/** The widgets on the instances of a subgraph, in the order in which an instance lists their values. */
export function promotedWidgets(subgraph: Subgraph): readonly Promoted[] {
  const found = known.get(subgraph) ?? collected(subgraph);
  known.set(subgraph, found);
  return found;
}

function collected(subgraph: Subgraph): readonly Promoted[] {
  const bySlot = new Map<number, Promoted>();
  for (const link of subgraph.canvas.links.values()) {
    if (link.origin !== SUBGRAPH_INPUT || bySlot.has(link.originSlot)) continue;
    const name = inputName(subgraph, link.originSlot);
    const end = widgetAt(subgraph.canvas, link.target, link.targetSlot);
    if (end && name !== undefined) bySlot.set(link.originSlot, { name, slot: link.originSlot, ...end });
  }
  return [...bySlot.values()].sort((one, other) => one.slot - other.slot);
}

function widgetAt(canvas: Canvas, id: GraphNode["id"], slot: number) {
  const node = nodeOf(canvas, id);
  const widget = node?.inputs[slot]?.widget;
  return node && widget !== undefined ? { node, widget } : undefined;
}

export function inputName(subgraph: Subgraph, slot: number): string | undefined {
  const input = subgraph.inputs[slot];
  return input && asText(input.name);
}

/** The names of promoted widgets, in the order in which an instance lists their values. */
export function promotedNames(subgraph: Subgraph): string[] {
  return promotedWidgets(subgraph).map(({ name }) => name);
}

/** The node and the widget inside that a promoted name stands for: the first that its input leads to. */
export function promotedField(subgraph: Subgraph, name: string): Promoted | undefined {
  return promotedWidgets(subgraph).find((widget) => widget.name === name);
}

/** The value that an instance has for one of the widgets on it; undefined if it has none of its own. */
export function promotedValue(instance: GraphNode, subgraph: Subgraph, name: string): Json | undefined {
  const { values } = instance;
  if (values === undefined) return undefined;
  if (!isList(values)) return own(values, name);
  const place = promotedWidgets(subgraph).findIndex((widget) => widget.name === name);
  return place === -1 ? undefined : values[place];
}

/** The instance with a value of its own for a widget on it; the widgets before it that have none get their inner one. */
export function writePromotedValue(
  instance: GraphNode,
  subgraph: Subgraph,
  name: string,
  value: Json,
  innerValue: (widget: Promoted) => Json | undefined,
): GraphNode {
  const { values } = instance;
  if (values !== undefined && !isList(values)) return { ...instance, values: { ...values, [name]: value } };
  const all = promotedWidgets(subgraph);
  const place = all.findIndex((widget) => widget.name === name);
  if (place === -1) return instance;
  const before = values ?? [];
  const more = all.slice(before.length, place + 1).map((widget) => innerValue(widget) ?? null);
  return { ...instance, values: [...before, ...more].with(place, value) };
}

/** The instance with its values in the order of another state of its subgraph. */
export function withPromoted(instance: GraphNode, before: Subgraph, after: Subgraph): GraphNode {
  if (!isList(instance.values) || instance.values.length === 0) return instance;
  const old = promotedNames(before);
  const names = promotedNames(after);
  if (old.length === names.length && old.every((name, index) => name === names[index])) return instance;
  return {
    ...instance,
    values: names.map((name) => instance.values && promotedValue(instance, before, name)).map((value) => value ?? null),
  };
}
