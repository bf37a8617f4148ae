/** What of the seen canvas is selected, as commands ask for it. */
import type { NodeId } from "../graph/document";
import { activeCanvas, activeTab } from "../store/tabs";

/** The ids of the selected nodes; frames and points of wires are left out. */
export function selectedNodes(): NodeId[] {
  const { nodes } = activeCanvas();
  return [...activeTab().selection].flatMap((id) => nodes.get(id)?.id ?? []);
}

export function hasSelection(): boolean {
  return selectedNodes().length > 0;
}

/** Whether anything is selected: nodes, wires, their points or frames. */
export function hasAnything(): boolean {
  return activeTab().selection.size > 0;
}

export function hasNodes(): boolean {
  return activeCanvas().nodes.size > 0;
}
