/** Opens a graph that a job or a picture carries in a tab of its own. */
import { openGraphs } from "../../files/open";
import type { JsonObject } from "../../graph/json";
import { isWorkflow } from "../../graph/reading";

/** @throws BadDocument when it is no graph. */
export function openGraph(graph: JsonObject, name: string): Promise<void> {
  return openGraphs(isWorkflow(graph) ? { workflow: graph } : { prompt: graph }, name);
}
