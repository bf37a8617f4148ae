/** What the server could not be told yet, kept by the browser: in IndexedDB, and for pages that close in localStorage. */
import { asObject, parseJson, writeJson } from "../graph/json";
import type { Writing } from "./journal";

/** A version that waits. */
export interface Unsent extends Writing {
  /** The newest version that the server was known to have. */
  readonly after: number;
}

const STORE = "unsent";
const PREFIX = "ldm_nodes.unsent.";

export async function keepUnsent(owner: string, unsent: Unsent): Promise<void> {
  const store = await opened(owner, "readwrite");
  await done(store.put(unsent, unsent.document));
}

export async function dropUnsent(owner: string, document: string): Promise<void> {
  localStorage.removeItem(spelled(owner, document));
  const store = await opened(owner, "readwrite");
  await done(store.delete(document));
}

/** Keep it before this returns: for a page that is being closed. A store that is full keeps nothing. */
export function keepAtOnce(owner: string, unsent: Unsent): void {
  try {
    localStorage.setItem(spelled(owner, unsent.document), writeJson({ ...unsent }));
  } catch {
    return;
  }
}

/** Everything that waits; of one document what was kept at once, which is the newer. */
export async function allUnsent(owner: string): Promise<readonly Unsent[]> {
  const store = await opened(owner, "readonly");
  const waiting = (await done(store.getAll())) as Unsent[];
  const found = new Map(waiting.map((unsent) => [unsent.document, unsent]));
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(PREFIX + owner)) continue;
    const unsent = asObject(parseJson(localStorage.getItem(key) ?? "{}")) as unknown as Unsent;
    if (typeof unsent.document === "string") found.set(unsent.document, unsent);
  }
  return [...found.values()];
}

function spelled(owner: string, document: string): string {
  return `${PREFIX}${owner}.${document}`;
}

async function opened(owner: string, mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const request = indexedDB.open(`ldm_nodes.${owner}`, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return (await done(request)).transaction(STORE, mode).objectStore(STORE);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
