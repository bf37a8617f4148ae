/** Saving: a document becomes a file of the user's, and replaces no version that its author has not seen. */
import { Refused } from "../api/client";
import { activeTab, changeTab, type Tab, useTabs } from "../store/tabs";
import { notify, openDialog } from "../store/ui";
import { t } from "../words";
import { flush, keyOf, writingOf } from "./autosave";
import { textOfDocument } from "./documentText";
import { append, moveVersions } from "./journal";
import { etagOf, isTaken, nameOf, type Over, pathFor, writeFile } from "./userFiles";
import { shareKey, tellSaved } from "./windows";

export function tabOf(id: string): Tab | undefined {
  return useTabs.getState().tabs.find((tab) => tab.id === id);
}

/** Save a document where it is; one without a file asks for a name, one whose file has changed what to do. */
export async function save(tab: Tab = activeTab()): Promise<void> {
  if (tab.path === null) return openDialog("saveAs", { id: tab.id });
  try {
    await put(tab, tab.path, { etag: tab.etag ?? "" });
    notify("good", t("save.done", { name: nameOf(tab.path) }));
  } catch (error) {
    if (isTaken(error)) return openDialog("conflict", { id: tab.id });
    notify("bad", t("save.failed", { reason: reasonOf(error) }));
  }
}

/** Save under a name. @returns whether it could be; if not because the name is taken, that is all that happens. */
export async function saveAs(id: string, name: string, replace = false): Promise<boolean> {
  const tab = tabOf(id);
  if (!tab) return true;
  const path = pathFor(name);
  const there = replace ? await etagOf(path) : null;
  try {
    await put(tab, path, there === null ? "nothing" : { etag: there });
    notify("good", t("save.done", { name: nameOf(path) }));
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw new Error(reasonOf(error));
  }
}

/** Save beside the file that has changed, under a name that is free. */
export async function saveCopy(id: string): Promise<void> {
  const tab = tabOf(id);
  if (!tab) return;
  for (let number = 1; ; number += 1) {
    const name = t(number === 1 ? "save.copyName" : "save.copyNumbered", { name: tab.name, number });
    if (await saveAs(id, name)) return;
  }
}

async function put(tab: Tab, path: string, over: Over): Promise<void> {
  const document = tab.history.present;
  await flush(tab.id);
  const etag = await writeFile(path, textOfDocument(document, 2), over);
  const [key, sharedAs] = [keyOf(tab), shareKey(tab)];
  await moveVersions(key, path).catch(() => undefined);
  changeTab({ path, etag, name: nameOf(path), saved: document }, tab.id);
  const saved = tabOf(tab.id);
  if (!saved) return;
  tellSaved(sharedAs, saved);
  await append({ ...writingOf({ ...saved, history: tab.history }, t("version.saved")), dirty: false }).catch(
    () => undefined,
  );
}

export function reasonOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  return error instanceof TypeError ? t("save.noServer") : String((error as Error).message);
}
