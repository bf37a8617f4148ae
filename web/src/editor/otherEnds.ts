/** What is at the other end of a socket's wires, in words. */
import { canvasAt, type Document, type GraphNode, nodeOf, type Scope } from "../graph/document";
import { t } from "../words";
import type { Side } from "./names";
import { titleIn } from "./nodeFacts";

/** The titles of the nodes there, or an empty text where no wire is. */
export function otherEnds(document: Document, scope: Scope, node: GraphNode, side: Side, slot: number): string {
  const canvas = canvasAt(document, scope);
  const links = side === "input" ? [node.inputs[slot]?.link ?? -1] : (node.outputs[slot]?.links ?? []);
  const titles = links.flatMap((id) => {
    const link = canvas.links.get(id);
    if (!link) return [];
    const other = nodeOf(canvas, side === "input" ? link.origin : link.target);
    return other ? titleIn(document, other) : t(side === "input" ? "subgraph.inputs" : "subgraph.outputs");
  });
  return [...new Set(titles)].join(", ");
}
