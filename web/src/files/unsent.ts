/** What the server could not be told yet, kept by the browser: in IndexedDB, and for pages that close in localStorage. */
import { asObject, parseJson, writeJson } from "../graph/json";
import { all, drop, put } from "./browserStore";
import type { Writing } from "./journal";

/** A version that waits. */
export interface Unsent extends Writing {
  /** The newest version that the server was known to have. */
  readonly after: number;
  /** The digest of the text that was sent last, whether or not the server got it. */
  readonly tried: string;
}

const PREFIX = "ldm_nodes.unsent.";

export async function keepUnsent(owner: string, unsent: Unsent): Promise<void> {
  await put(owner, "unsent", unsent.document, unsent);
}

export async function dropUnsent(owner: string, document: string): Promise<void> {
  localStorage.removeItem(spelled(owner, document));
  await drop(owner, "unsent", document);
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
  const waiting = (await all(owner, "unsent")) as unknown as readonly Unsent[];
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
