/** Keeps every open document on the server while it is edited, from the first edit until its tab closes. */
import { Refused } from "../api/client";
import { askForLogin } from "../api/login";
import { flushDrafts } from "../fields/drafts";
import { type Document, EMPTY_DOCUMENT } from "../graph/document";
import { useSaving } from "../store/saving";
import { isDirty, type Tab, useTabs } from "../store/tabs";
import { notify } from "../store/ui";
import { t } from "../words";
import { textOfDocument } from "./documentText";
import { append, appendAddress, type Writing } from "./journal";
import { Keeper, type State, type Ways } from "./keeper";
import { dropUnsent, keepAtOnce, keepUnsent } from "./unsent";

/** Longer bodies are not taken by browsers when a page closes. */
const LARGEST_BEACON = 60_000;

const keepers = new Map<string, Keeper>();
/** Documents that came from another window, which keeps them. */
const foreign = new WeakSet<Document>();
let user = "";

export function keyOf(tab: Pick<Tab, "id" | "path">): string {
  return tab.path ?? tab.id;
}

/** Begin to keep what is edited. @param owner the name of the user, so that no other one is sent it. */
export function startAutosave(owner: string): void {
  user = owner;
  for (const tab of useTabs.getState().tabs) watch(tab);
  useTabs.subscribe(({ tabs }, before) => {
    for (const tab of tabs) if (!before.tabs.includes(tab)) watch(tab);
    for (const tab of before.tabs) if (!tabs.some(({ id }) => id === tab.id)) release(tab.id);
  });
  window.addEventListener("pagehide", keepAllAtOnce);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void flushAll();
  });
  window.addEventListener("online", () => void flushAll());
}

/** Say that a document came from another window. */
export function leaveToOthers(document: Document): void {
  foreign.add(document);
}

/** Have everything of a tab on the server, if that answers. */
export async function flush(id: string): Promise<void> {
  await keepers.get(id)?.flush();
}

export async function flushAll(): Promise<void> {
  await Promise.all([...keepers.values()].map((keeper) => keeper.flush()));
}

function watch(tab: Tab): void {
  const { present } = tab.history;
  const keeper = keepers.get(tab.id);
  if (!keeper) begin(tab);
  else if (foreign.has(present)) keeper.skip(stateOf(tab));
  else keeper.hear(stateOf(tab));
}

/** A document without a file is kept at once, for it is nowhere else; one of a file before its first edit. */
function begin(tab: Tab): void {
  const isNowhere = tab.path === null && tab.history.present.canvas.nodes.size > 0 && !foreign.has(tab.history.present);
  if (isNowhere) {
    const keeper = new Keeper(WAYS, { ...stateOf(tab), document: EMPTY_DOCUMENT });
    keepers.set(tab.id, keeper);
    keeper.hear(stateOf(tab));
  } else {
    const opened = () => writingOf(tab, t("version.opened"));
    keepers.set(tab.id, new Keeper(WAYS, stateOf(tab), tab.path === null ? undefined : opened));
  }
}

function release(id: string): void {
  const keeper = keepers.get(id);
  keepers.delete(id);
  void keeper?.flush().finally(() => keeper.stop());
}

function stateOf(tab: Tab): State {
  return { document: tab.history.present, writing: () => writingOf(tab) };
}

export function writingOf(tab: Tab, label = tab.history.past.at(-1)?.label ?? t("version.opened")): Writing {
  const text = textOfDocument(tab.history.present);
  return { document: keyOf(tab), text, label, name: tab.name, dirty: isDirty(tab) };
}

const WAYS: Ways = {
  send: append,
  keep: (unsent) => keepUnsent(user, unsent),
  drop: (document) => dropUnsent(user, document),
  isPassing: (error) => !(error instanceof Refused) || error.status === 401 || error.status >= 500,
  told: (_, error) => {
    if (error instanceof Refused && error.status === 401) void askForLogin().then(flushAll);
    else if (error instanceof Refused) notify("bad", t("version.refused", { reason: error.message }));
    tell();
  },
};

function tell(): void {
  const all = [...keepers.values()];
  const keeping = all.some((keeper) => keeper.away) ? "away" : all.some((keeper) => keeper.waits) ? "waiting" : "kept";
  if (keeping === "kept") useSaving.setState({ keeping, keptAt: Date.now() });
  else if (useSaving.getState().keeping !== keeping) useSaving.setState({ keeping });
}

function keepAllAtOnce(): void {
  flushDrafts();
  for (const keeper of keepers.values()) {
    const unsent = keeper.pending();
    if (!unsent) continue;
    const body = new Blob([unsent.text], { type: "application/json" });
    const isSent = body.size < LARGEST_BEACON && navigator.sendBeacon(appendAddress(unsent), body);
    if (!isSent || keeper.away) keepAtOnce(user, unsent);
  }
}
