/** Which documents are open, remembered by the browser: a window that is reloaded has its tabs again. */
import { EMPTY_DOCUMENT } from "../graph/document";
import { begin } from "../graph/history";
import { asList, asObject, asText, isObject, parseJson, writeJson } from "../graph/json";
import { sameDocument } from "../graph/merge";
import { newTab, type Tab, useTabs } from "../store/tabs";
import { keyOf } from "./autosave";
import { all, put } from "./browserStore";
import { documentOfText } from "./documentText";
import { textOf, type Version, versionsOf } from "./journal";
import { type Kept, readFile } from "./userFiles";

/** A document by its names; its content is in its file and in its versions. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly path: string | null;
  readonly etag: string | null;
}

interface Session {
  readonly tabs: readonly Entry[];
  readonly active: string;
}

const LAST = "last";

let owner = "default";

/** The tabs of this window, or of the one that was closed last; of a browser that has none, undefined. */
export async function lastSession(user: string): Promise<Session | undefined> {
  owner = user;
  const text = sessionStorage.getItem(place()) ?? (await all(owner, "session").catch(() => []))[0];
  if (typeof text !== "string") return undefined;
  const { tabs, active } = asObject(parseJson(text));
  const entries = asList(tabs)
    .filter(isObject)
    .map(({ id, name, path, etag }) => ({
      id: asText(id),
      name: asText(name),
      path: asText(path) || null,
      etag: asText(etag) || null,
    }));
  return entries.length > 0 ? { tabs: entries, active: asText(active) } : undefined;
}

/** Open the tabs of a session again. Those of which nothing was ever kept are left out. */
export async function reopen(session: Session): Promise<void> {
  const found = await Promise.all(session.tabs.map((entry) => load(entry).catch(() => undefined)));
  const tabs = found.filter((tab) => tab !== undefined);
  const first = tabs[0];
  if (!first) return;
  useTabs.setState({ tabs, active: tabs.some(({ id }) => id === session.active) ? session.active : first.id });
}

/** Remember the tabs from now on. */
export function startSession(): void {
  useTabs.subscribe(remember);
  remember();
}

export function entryOf({ id, name, path, etag }: Tab): Entry {
  return { id, name, path, etag };
}

/** The document that a version is of, which may have lost its window. */
export function entryOfVersion({ document, name }: Version): Entry {
  const isFile = document.includes("/");
  return { id: document, name, path: isFile ? document : null, etag: null };
}

function remember(): void {
  const { tabs, active } = useTabs.getState();
  const text = writeJson({ tabs: tabs.map((tab) => ({ ...entryOf(tab) })), active });
  if (sessionStorage.getItem(place()) === text) return;
  sessionStorage.setItem(place(), text);
  put(owner, "session", LAST, text).catch(() => undefined);
}

function place(): string {
  return `ldm_nodes.session.${owner}`;
}

/** A document as it was left: its newest version if that was not saved, else its file. */
export async function load(entry: Entry): Promise<Tab | undefined> {
  const versions = await versionsOf(keyOf(entry));
  const file = entry.path === null ? undefined : await readFile(entry.path).catch(() => undefined);
  const newest = versions[0];
  if (newest && (newest.dirty || !file)) return unsaved(entry, newest, versions, file);
  if (!file) return undefined;
  return newTab(entry.name, documentOfText(file.text), { ...entry, etag: file.etag });
}

async function unsaved(
  entry: Entry,
  newest: Version,
  versions: readonly Version[],
  file: Kept | undefined,
): Promise<Tab> {
  const present = documentOfText(await textOf(newest));
  const clean = versions.find((version) => !version.dirty);
  const saved = clean ? documentOfText(await textOf(clean)) : EMPTY_DOCUMENT;
  const onDisk = file && documentOfText(file.text);
  const isSeen = onDisk !== undefined && (file?.etag === entry.etag || sameDocument(onDisk, saved));
  return newTab(entry.name || newest.name, present, {
    id: entry.id,
    path: entry.path,
    etag: isSeen ? (file?.etag ?? null) : (entry.etag ?? NEVER_SEEN),
    history: begin(present),
    saved: isSeen ? onDisk : saved,
  });
}

/** Matches no version of a file: saving over it asks first. */
const NEVER_SEEN = '"never seen"';
