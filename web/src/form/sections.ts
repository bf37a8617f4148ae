/** Which nodes stand in the form of a graph, and in which order. */
import { type Document, type GraphNode, MODE, NOTE_TYPES } from "../graph/document";
import { inOrder } from "../graph/order";

/** The property of a node that tells its place in the form. */
export const FORM = "ldm_nodes.form";

export type Mark = "first" | "hidden";

export function markOf(node: GraphNode): Mark | undefined {
  const mark = node.properties[FORM];
  return mark === "first" || mark === "hidden" ? mark : undefined;
}

/** A node with another mark, or without one. */
export function marked(node: GraphNode, mark: Mark | undefined): GraphNode {
  const { [FORM]: _, ...others } = node.properties;
  return { ...node, properties: mark ? { ...others, [FORM]: mark } : others };
}

/** Nodes that were marked come first, then subgraphs, which show what was promoted, then all others as they run. */
export function sectionsOf(document: Document): { shown: GraphNode[]; hidden: GraphNode[] } {
  const nodes = inOrder(document.canvas).filter(({ type, mode }) => !NOTE_TYPES.has(type) && mode === MODE.always);
  const rank = (node: GraphNode) => (markOf(node) === "first" ? 0 : document.subgraphs.has(node.type) ? 1 : 2);
  return {
    shown: nodes.filter((node) => markOf(node) !== "hidden").toSorted((left, right) => rank(left) - rank(right)),
    hidden: nodes.filter((node) => markOf(node) === "hidden"),
  };
}
