/** Opens a template in a tab of its own. */
import { getJson } from "../../api/client";
import { graphsIn } from "../../files/graphs";
import { openGraphs } from "../../files/open";
import { asObject } from "../../graph/json";
import type { Template } from "../../store/gallery";
import { closeDialog, notify } from "../../store/ui";

/** Returns whether it could be read; why not is said. */
export async function openTemplate({ title, graph }: Pick<Template, "title" | "graph">): Promise<boolean> {
  closeDialog();
  try {
    await openGraphs(graphsIn(asObject(await getJson(graph))), title);
    return true;
  } catch (error) {
    notify("bad", error instanceof Error ? error.message : String(error));
    return false;
  }
}
