/** Windows of one browser that have the same document open show the same: edits and saves are told to each other. */
import { withOwnParts } from "../graph/adopt";
import { type Document, EMPTY_DOCUMENT } from "../graph/document";
import { record } from "../graph/history";
import { changeTab, type Tab, useTabs } from "../store/tabs";
import { t } from "../words";
import { leaveToOthers } from "./autosave";
import { type Edit, Shared } from "./shared";

const CHANNEL = "ldm_nodes.documents";

/** Milliseconds that edits are gathered before the others are told: a drag is told ten times a second. */
const GATHER = 100;

type Message =
  | { readonly kind: "here"; readonly by: string; readonly isAnswer: boolean }
  | { readonly kind: "gone"; readonly by: string }
  | { readonly kind: "edit"; readonly key: string; readonly edit: Edit }
  | { readonly kind: "ask"; readonly key: string }
  | {
      readonly kind: "saved";
      readonly key: string;
      readonly file: Pick<Tab, "path" | "etag" | "name">;
      readonly document: Document;
    };

const shared = new Map<string, Shared>();
const others = new Set<string>();
const gathering = new Map<string, ReturnType<typeof setTimeout>>();
const self = Math.random().toString(36).slice(2);
let channel: BroadcastChannel | undefined;

/** Begin to tell and to hear. @param owner the user; windows of another one are not heard. */
export function startWindows(owner: string): void {
  channel = new BroadcastChannel(`${CHANNEL}.${owner}`);
  channel.onmessage = ({ data }: MessageEvent<Message>) => hear(data);
  say({ kind: "here", by: self, isAnswer: false });
  window.addEventListener("pagehide", () => {
    for (const id of [...gathering.keys()]) tell(id);
    say({ kind: "gone", by: self });
  });
  window.addEventListener("pageshow", ({ persisted }) => persisted && say({ kind: "here", by: self, isAnswer: false }));
  for (const tab of useTabs.getState().tabs) meet(tab);
  useTabs.subscribe(({ tabs }, before) => {
    for (const tab of tabs) if (!before.tabs.includes(tab)) follow(tab);
    for (const id of [...shared.keys()]) if (!tabs.some((tab) => tab.id === id)) shared.delete(id);
  });
}

/** Tell the others that a document was saved, and where. @param key what it was shared as before. */
export function tellSaved(key: string, { path, etag, name, saved }: Tab): void {
  if (others.size > 0) say({ kind: "saved", key, file: { path, etag, name }, document: saved });
}

function say(message: Message): void {
  channel?.postMessage(message);
}

/** Under what a document is shared: two versions of one file are two documents. */
export function shareKey(tab: Tab): string {
  return tab.path === null ? tab.id : `${tab.path}@${tab.etag}`;
}

function meet(tab: Tab): void {
  shared.set(tab.id, new Shared(self, tab.history.present));
  const isUntouched = tab.path === null && tab.history.present === EMPTY_DOCUMENT;
  if (!isUntouched) say({ kind: "ask", key: shareKey(tab) });
}

function follow(tab: Tab): void {
  const one = shared.get(tab.id);
  if (!one) meet(tab);
  else if (one.document !== tab.history.present && !gathering.has(tab.id))
    gathering.set(
      tab.id,
      setTimeout(() => tell(tab.id), GATHER),
    );
}

/** Tell the others what was gathered of a tab's edits. */
function tell(id: string): void {
  clearTimeout(gathering.get(id));
  gathering.delete(id);
  const tab = tabOf(id);
  const edit = tab && shared.get(id)?.edited(tab.history.present);
  if (edit && others.size > 0) say({ kind: "edit", key: shareKey(tab), edit });
}

function hear(message: Message): void {
  if (message.kind === "here") {
    others.add(message.by);
    if (!message.isAnswer) say({ kind: "here", by: self, isAnswer: true });
  } else if (message.kind === "gone") others.delete(message.by);
  else hearOfDocument(message);
}

function hearOfDocument(message: Exclude<Message, { kind: "here" | "gone" }>): void {
  for (const id of [...gathering.keys()]) tell(id);
  for (const tab of useTabs.getState().tabs.filter((one) => shareKey(one) === message.key)) {
    const one = shared.get(tab.id);
    if (!one) continue;
    if (message.kind === "ask") say({ kind: "edit", key: message.key, edit: one.standing() });
    else if (message.kind === "edit") show(tab, one.hear(message.edit));
    else takeSaved(tab, message.file, message.document);
  }
}

function show(tab: Tab, document: Document): void {
  if (document === tab.history.present) return;
  leaveToOthers(document);
  changeTab({ history: record(tab.history, document, t("version.elsewhere"), "elsewhere") }, tab.id);
}

function tabOf(id: string): Tab | undefined {
  return useTabs.getState().tabs.find((tab) => tab.id === id);
}

function takeSaved(tab: Tab, file: Pick<Tab, "path" | "etag" | "name">, document: Document): void {
  changeTab({ ...file, saved: withOwnParts(tab.history.present, document) }, tab.id);
}
