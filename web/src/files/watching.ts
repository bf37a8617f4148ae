/** Whoever comes back to the page learns that the file of the document he sees was changed elsewhere meanwhile. */
import { sameDocument } from "../graph/merge";
import { activeTab, changeTab, isDirty, type Tab } from "../store/tabs";
import { notify, openDialog } from "../store/ui";
import { t } from "../words";
import { takeTheirs } from "./conflict";
import { documentOfText } from "./documentText";
import { tabOf } from "./save";
import { listFiles, readFile } from "./userFiles";

/** What was said already: tab and version. */
const told = new Set<string>();

export function startWatching(): void {
  window.addEventListener("focus", () => void look().catch(() => undefined));
}

async function look(): Promise<void> {
  const { id, path, etag } = activeTab();
  if (path === null || !(await listFiles()).some((file) => file.path === path)) return;
  const there = await readFile(path);
  const tab = tabOf(id);
  if (!tab || tab.etag !== etag || there.etag === etag || told.has(`${id} ${there.etag}`)) return;
  told.add(`${id} ${there.etag}`);
  await react(tab, documentOfText(there.text), there.etag);
}

async function react(tab: Tab, document: Tab["saved"], etag: string): Promise<void> {
  if (sameDocument(document, tab.saved)) changeTab({ etag }, tab.id);
  else if (isDirty(tab)) {
    const run = () => openDialog("conflict", { id: tab.id });
    notify("warn", t("watch.changed", { name: tab.name }), { label: t("watch.choose"), run });
  } else {
    await takeTheirs(tab.id);
    notify("info", t("watch.taken", { name: tab.name }));
  }
}
