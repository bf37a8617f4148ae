/** What of files is done before the editor is seen: who we are, what waits to be sent, which documents were open. */
import { askForLogin, loadStanding } from "../api/login";
import { startSettings } from "../settings/sync";
import { openInPlace } from "../store/tabs";
import { notify } from "../store/ui";
import { t } from "../words";
import { startAutosave } from "./autosave";
import { digest } from "./digest";
import { append, newestOfAll, textOf, type Version, versionsOf } from "./journal";
import { type Entry, entryOfVersion, lastSession, load, reopen, startSession } from "./session";
import { allUnsent, dropUnsent, type Unsent } from "./unsent";
import { startWatching } from "./watching";
import { startWindows } from "./windows";

/** A document that was left unsaved so long ago is not spoken of, in seconds. */
const FORGOTTEN = 7 * 86_400;

/** @returns whether the editor can be shown; else there must be a login first. */
export async function startFiles(): Promise<boolean> {
  const { user } = await loadStanding().catch(() => ({ user: "" }));
  if (user === null) {
    void askForLogin().then(() => location.reload());
    return false;
  }
  await startSettings().catch(() => undefined); // those of the browser hold
  const owner = user || "default";
  await sendUnsent(owner).catch(() => undefined);
  const session = await lastSession(owner);
  if (session) await reopen(session).catch((error: Error) => notify("bad", error.message));
  else void offerUnsaved();
  startAutosave(owner);
  startWindows(owner);
  startSession();
  startWatching();
  return true;
}

/** Send what an earlier page could not; if the server has newer versions by now, they stay the newest. */
async function sendUnsent(owner: string): Promise<void> {
  for (const unsent of await allUnsent(owner)) {
    const [newest] = await versionsOf(unsent.document);
    const text = newest && newest.number !== unsent.after ? await textOf(newest) : undefined;
    if (newest && text !== undefined && digest(text) !== unsent.tried) await sendBetween(unsent, newest, text);
    else await append(unsent);
    await dropUnsent(owner, unsent.document);
  }
}

async function sendBetween(unsent: Unsent, newest: Version, text: string): Promise<void> {
  if (text === unsent.text) return;
  await append({ ...unsent, label: t("version.late", { label: unsent.label }) });
  await append({ ...newest, text });
}

/** In a browser that remembers nothing, speak of what was left unsaved. */
async function offerUnsaved(): Promise<void> {
  const since = Date.now() / 1000 - FORGOTTEN;
  const left = (await newestOfAll()).filter(({ dirty, time, nodes }) => dirty && nodes > 0 && time > since);
  if (left.length === 0) return;
  const text = t(left.length === 1 ? "start.unsavedOne" : "start.unsaved", {
    count: left.length,
    name: left[0]?.name ?? "",
  });
  const run = () => void openAlso(left.map(entryOfVersion));
  notify("info", text, { label: t("start.reopen"), run });
}

async function openAlso(entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) {
    const tab = await load(entry);
    if (tab) openInPlace(tab);
  }
}
