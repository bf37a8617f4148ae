/** Brings a node of a run into sight and selects it, inside its subgraph. */
import { canvasAt } from "../../graph/document";
import { placeOf } from "../../graph/scope";
import { stage } from "../../store/stage";
import { activeDocument, activeTab, openScope, select } from "../../store/tabs";

export function jumpTo(promptId: string): void {
  const { scope, id } = placeOf(promptId);
  if (!canvasAt(activeDocument(), scope).nodes.has(id)) return;
  if (activeTab().scope.join(":") !== scope.join(":")) openScope(scope);
  select([id]);
  // The sheet of another scope is drawn in the next frames.
  requestAnimationFrame(() => requestAnimationFrame(() => stage().fit([id])));
}
