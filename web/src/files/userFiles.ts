/** The user's files on the server, where ComfyUI's client keeps workflows too. Every write names the version it replaces. */
import { ask, getJson, Refused, userFile } from "../api/client";
import { asList, asNumber, asObject, asText } from "../graph/json";

export const FOLDER = "workflows";
const SUFFIX = ".json";

export interface UserFile {
  readonly path: string;
  /** Seconds since 1970. */
  readonly modified: number;
  readonly size: number;
}

export interface Kept {
  readonly text: string;
  readonly etag: string;
}

/** What a write does where there is a file already: replace the version that was seen, or refuse. */
export type Over = { readonly etag: string } | "nothing";

export async function listFiles(): Promise<readonly UserFile[]> {
  const entries = asList(await getJson("v2/userdata")).map(asObject);
  return entries
    .filter(({ type, path }) => type === "file" && asText(path).startsWith(`${FOLDER}/`))
    .filter(({ path }) => asText(path).endsWith(SUFFIX))
    .map(({ path, size, modified }) => ({ path: asText(path), size: asNumber(size), modified: asNumber(modified) }));
}

export async function readFile(path: string): Promise<Kept> {
  const answer = await ask(userFile(path), { cache: "no-store" });
  return { text: await answer.text(), etag: answer.headers.get("ETag") ?? "" };
}

/** The version that there is now, or null where there is no file. */
export async function etagOf(path: string): Promise<string | null> {
  try {
    return (await ask(userFile(path), { method: "HEAD", cache: "no-store" })).headers.get("ETag");
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

/**
 * @returns the version that was written.
 * @throws Refused with 412 or 409 when something else is there.
 */
export async function writeFile(path: string, text: string, over: Over): Promise<string> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (over !== "nothing") headers["If-Match"] = over.etag;
  const query = over === "nothing" ? "?overwrite=false" : "";
  const answer = await ask(`${userFile(path)}${query}`, { method: "POST", body: text, headers });
  return answer.headers.get("ETag") ?? "";
}

export function isTaken(error: unknown): error is Refused {
  return error instanceof Refused && (error.status === 412 || error.status === 409);
}

export async function deleteFile(path: string): Promise<void> {
  await ask(userFile(path), { method: "DELETE" });
}

export async function moveFile(path: string, target: string): Promise<void> {
  await ask(`${userFile(path)}/move/${encodeURIComponent(target)}?overwrite=false`, { method: "POST" });
}

/** The path of a workflow that a user calls so; folders are part of a name. */
export function pathFor(name: string): string {
  const plain = name.trim().replace(/\\/g, "/").replace(/^\/+/, "");
  return `${FOLDER}/${plain.endsWith(SUFFIX) ? plain : plain + SUFFIX}`;
}

/** What a user calls a file. */
export function nameOf(path: string): string {
  return path.replace(`${FOLDER}/`, "").replace(/\.json$/, "");
}
