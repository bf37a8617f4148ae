/** What to do with a document whose file was changed by someone else meanwhile. */
import { record } from "../graph/history";
import { type Conflict, merge } from "../graph/merge";
import { changeTab } from "../store/tabs";
import { notify } from "../store/ui";
import { t } from "../words";
import { documentOfText } from "./documentText";
import { tabOf } from "./save";
import { readFile } from "./userFiles";

/** Show what the file holds; undo brings mine back. */
export async function takeTheirs(id: string): Promise<void> {
  const tab = tabOf(id);
  if (!tab?.path) return;
  const { text, etag } = await readFile(tab.path);
  const document = documentOfText(text);
  changeTab({ history: record(tab.history, document, t("conflict.theirs")), saved: document, etag }, id);
}

/** Join both; the result is mine to look at and to save. */
export async function mergeTheirs(id: string): Promise<void> {
  const tab = tabOf(id);
  if (!tab?.path) return;
  const { text, etag } = await readFile(tab.path);
  const theirs = documentOfText(text);
  const { document, conflicts } = merge(tab.saved, tab.history.present, theirs);
  changeTab({ history: record(tab.history, document, t("conflict.merge")), saved: theirs, etag }, id);
  if (conflicts.length === 0) notify("good", t("conflict.merged"));
  else notify("warn", t("conflict.mergedSome", { count: conflicts.length, places: placesOf(conflicts) }));
}

function placesOf(conflicts: readonly Conflict[]): string {
  const places = new Set(conflicts.map(({ name, field }) => [name, field].filter(Boolean).join(", ")));
  return [...places].slice(0, 3).join("; ");
}
