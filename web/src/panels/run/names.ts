/** What a node of a run is called: its title, its class's, or its id where it is gone. */
import { canvasAt, type Document } from "../../graph/document";
import { placeOf } from "../../graph/scope";
import { useCatalogue } from "../../store/catalogue";

export function nodeName(document: Document, promptId: string): string {
  const { scope, id } = placeOf(promptId);
  const node = canvasAt(document, scope).nodes.get(id);
  if (!node) return promptId;
  return node.title ?? useCatalogue.getState().catalogue.get(node.type)?.title ?? node.type;
}
