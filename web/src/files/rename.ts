/** Another name for a document, and for its file if it has one. */
import { changeTab, useTabs } from "../store/tabs";
import { notify } from "../store/ui";
import { t } from "../words";
import { flush, keyOf } from "./autosave";
import { moveVersions } from "./journal";
import { reasonOf, tabOf } from "./save";
import { isTaken, moveFile, nameOf, pathFor } from "./userFiles";
import { shareKey, tellSaved } from "./windows";

export async function rename(id: string, name: string): Promise<void> {
  const tab = tabOf(id);
  if (!tab) return;
  if (tab.path === null) changeTab({ name }, id);
  else await renameFile(tab.path, name);
}

/** Rename a file, whether it is open or not; its versions go along. */
export async function renameFile(path: string, name: string): Promise<void> {
  const target = pathFor(name);
  const open = useTabs.getState().tabs.find((tab) => tab.path === path);
  try {
    if (open) await flush(open.id);
    await moveFile(path, target);
    await moveVersions(path, target);
  } catch (error) {
    notify("bad", t("rename.failed", { name, reason: isTaken(error) ? t("rename.taken") : reasonOf(error) }));
    return;
  }
  if (!open) return;
  const key = shareKey(open);
  changeTab({ path: target, name: nameOf(target) }, open.id);
  const renamed = tabOf(open.id);
  if (renamed && keyOf(renamed) !== path) tellSaved(key, renamed);
}
