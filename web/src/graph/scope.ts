/** Names of nodes across subgraphs: `12:5` is node 5 inside instance 12, in prompts and in what the server tells. */
import type { NodeId, Scope } from "./document";

export function promptId(scope: Scope, id: NodeId): string {
  return [...scope, String(id)].join(":");
}

/** The scope and the node that a prompt's id names. */
export function placeOf(id: string): { scope: Scope; id: string } {
  const parts = id.split(":");
  return { scope: parts.slice(0, -1), id: parts.at(-1) ?? id };
}
