/** Opens a graph that a job or a picture carries in a tab of its own. */

import { drawPrompt } from "../../graph/drawing";
import type { JsonObject } from "../../graph/json";
import { isWorkflow, readDocument } from "../../graph/reading";
import { useCatalogue } from "../../store/catalogue";
import { newTab, openTab } from "../../store/tabs";

/** @throws BadDocument when it is no graph. */
export function openGraph(graph: JsonObject, name: string): void {
  const document = isWorkflow(graph) ? readDocument(graph) : drawPrompt(graph, useCatalogue.getState().catalogue);
  openTab(newTab(name, document));
}
