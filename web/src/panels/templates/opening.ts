/** Puts a template into a tab. */
import { getJson } from "../../api/client";
import type { Document } from "../../graph/document";
import { drawPrompt } from "../../graph/drawing";
import { isPrompt } from "../../graph/promptValues";
import { readDocument } from "../../graph/reading";
import { useCatalogue } from "../../store/catalogue";
import type { Template } from "../../store/gallery";
import { activeTab, closeTab, newTab, openTab } from "../../store/tabs";
import { closeDialog, notify } from "../../store/ui";

/** Open a template; an empty tab that was never used makes room for it. Returns whether it could be read. */
export async function openTemplate({ title, graph }: Pick<Template, "title" | "graph">): Promise<boolean> {
  closeDialog();
  try {
    const document = documentOf(await getJson(graph));
    const before = activeTab();
    const unused = before.path === null && before.history.past.length === 0 && isEmpty(before.history.present);
    openTab(newTab(title, document));
    if (unused) closeTab(before.id);
    return true;
  } catch (error) {
    notify("bad", error instanceof Error ? error.message : String(error));
    return false;
  }
}

function documentOf(json: unknown): Document {
  return isPrompt(json) ? drawPrompt(json, useCatalogue.getState().catalogue) : readDocument(json);
}

function isEmpty(document: Document): boolean {
  return document.canvas.nodes.size === 0 && document.canvas.groups.length === 0;
}
