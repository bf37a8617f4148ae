/** Commands that make one node of several and take it apart again. */
import { collapse } from "../graph/edits/collapse";
import { expand } from "../graph/edits/expand";
import { useCatalogue } from "../store/catalogue";
import { activeCanvas, activeDocument, activeTab, editDocument, openScope, select } from "../store/tabs";
import { t } from "../words";
import type { Command } from "./command";
import { hasSelection, selectedNodes } from "./selected";

const OF_INSTANCE = { enabled: () => instance() !== undefined, why: "why.subgraph" } as const;

export const SUBGRAPH: readonly Command[] = [
  {
    id: "edit.subgraph",
    title: "command.subgraph",
    keys: ["Ctrl+G"],
    enabled: hasSelection,
    why: "why.selection",
    run: makeSubgraph,
  },
  { id: "edit.openSubgraph", title: "command.openSubgraph", keys: ["Alt+Enter"], ...OF_INSTANCE, run: openInstance },
  {
    id: "edit.expandSubgraph",
    title: "command.expandSubgraph",
    keys: ["Ctrl+Shift+G"],
    ...OF_INSTANCE,
    run: expandInstance,
  },
  {
    id: "view.leaveSubgraph",
    title: "command.leaveSubgraph",
    keys: ["Shift+Escape"],
    enabled: () => activeTab().scope.length > 0,
    why: "why.inSubgraph",
    run: () => openScope(activeTab().scope.slice(0, -1)),
  },
];

/** The selected node if it alone is selected and an instance of a subgraph. */
function instance(): string | undefined {
  const [id, ...others] = selectedNodes();
  const type = id === undefined || others.length > 0 ? undefined : activeCanvas().nodes.get(String(id))?.type;
  return type !== undefined && activeDocument().subgraphs.has(type) ? String(id) : undefined;
}

function makeSubgraph(): void {
  const made = collapse(activeDocument(), activeTab().scope, selectedNodes(), t("subgraph.name"));
  if (!made) return;
  editDocument(t("command.subgraph"), () => made.document);
  select([made.id]);
}

function openInstance(): void {
  const id = instance();
  if (id !== undefined) openScope([...activeTab().scope, id]);
}

function expandInstance(): void {
  const id = instance();
  const opened =
    id === undefined ? undefined : expand(activeDocument(), activeTab().scope, id, useCatalogue.getState().catalogue);
  if (!opened) return;
  editDocument(t("command.expandSubgraph"), () => opened.document);
  select(opened.ids);
}
