/** The field deep inside that a field of an instance stands for, through subgraphs within subgraphs. */
import type { Document, GraphNode, Scope } from "./document";
import { promotedField } from "./promoted";

/** Deeper than any graph; a subgraph that holds itself ends here. */
const DEEPEST = 64;

export interface InnerField {
  readonly scope: Scope;
  readonly node: GraphNode;
  readonly widget: string;
}

/** @param scope the one that the instance is in. */
export function innerField(
  document: Document,
  scope: Scope,
  instance: GraphNode,
  name: string,
): InnerField | undefined {
  let found: InnerField = { scope, node: instance, widget: name };
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const subgraph = document.subgraphs.get(found.node.type);
    if (!subgraph) return depth === 0 ? undefined : found;
    const field = promotedField(subgraph, found.widget);
    if (!field) return undefined;
    found = { scope: [...found.scope, String(found.node.id)], node: field.node, widget: field.widget };
  }
  return undefined;
}
