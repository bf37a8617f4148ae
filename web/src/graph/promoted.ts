/** The inputs of a subgraph that stand for a field of a node inside: each instance has a value of its own for them. */
import { type GraphNode, nodeOf, SUBGRAPH_INPUT, type Subgraph } from "./document";
import { asText, isList, isObject, type Json } from "./json";

/** The names of promoted fields, in the order in which an instance lists their values. */
export function promotedNames(subgraph: Subgraph): string[] {
  const fields = new Set<number>();
  for (const link of subgraph.canvas.links.values()) {
    if (link.origin !== SUBGRAPH_INPUT) continue;
    if (nodeOf(subgraph.canvas, link.target)?.inputs[link.targetSlot]?.widget !== undefined)
      fields.add(link.originSlot);
  }
  return subgraph.inputs.filter((_, index) => fields.has(index)).map((input) => asText(input.name));
}

/** The value that an instance has for a promoted field; undefined where the one inside counts. */
export function promotedValue(instance: GraphNode, subgraph: Subgraph, name: string): Json | undefined {
  const { values } = instance;
  if (isObject(values)) return values[name];
  const place = promotedNames(subgraph).indexOf(name);
  return place >= 0 && values ? values[place] : undefined;
}

/** The node and the field inside that a promoted name stands for: the first that its input leads to. */
export function promotedField(subgraph: Subgraph, name: string): { node: GraphNode; widget: string } | undefined {
  const slot = subgraph.inputs.findIndex((input) => input.name === name);
  for (const link of subgraph.canvas.links.values()) {
    if (link.origin !== SUBGRAPH_INPUT || link.originSlot !== slot) continue;
    const node = nodeOf(subgraph.canvas, link.target);
    const widget = node?.inputs[link.targetSlot]?.widget;
    if (node && widget !== undefined) return { node, widget };
  }
  return undefined;
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
