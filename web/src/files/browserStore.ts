/** What the browser keeps for a user, in IndexedDB: unlike localStorage it is on the disk at once. */
import type { Json } from "../graph/json";

export type StoreName = "unsent" | "session";

const STORES: readonly StoreName[] = ["unsent", "session"];
const VERSION = 2;

export async function put(owner: string, name: StoreName, key: string, value: unknown): Promise<void> {
  await within(owner, name, "readwrite", (store) => store.put(value, key));
}

export async function drop(owner: string, name: StoreName, key: string): Promise<void> {
  await within(owner, name, "readwrite", (store) => store.delete(key));
}

export async function all(owner: string, name: StoreName): Promise<readonly Json[]> {
  return within(owner, name, "readonly", (store) => store.getAll() as IDBRequest<Json[]>);
}

async function within<T>(
  owner: string,
  name: StoreName,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await opened(owner);
  try {
    return await done(work(database.transaction(name, mode).objectStore(name)));
  } finally {
    database.close();
  }
}

function opened(owner: string): Promise<IDBDatabase> {
  const request = indexedDB.open(`ldm_nodes.${owner}`, VERSION);
  request.onupgradeneeded = () => {
    const { result } = request;
    for (const name of STORES) if (!result.objectStoreNames.contains(name)) result.createObjectStore(name);
  };
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
