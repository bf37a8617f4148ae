/** The versions of documents that the server keeps while their user works. */
import { address, ask, getJson, Refused } from "../api/client";
import { asList, asNumber, asObject, asText, parseJson } from "../graph/json";

export interface Version {
  /** The path of the document's file, or the id of its tab while it has none. */
  readonly document: string;
  readonly number: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly label: string;
  readonly name: string;
  readonly nodes: number;
  readonly dirty: boolean;
}

/** A version that is to be kept. */
export interface Writing {
  readonly document: string;
  readonly text: string;
  readonly label: string;
  readonly name: string;
  readonly dirty: boolean;
}

function place(document: string): string {
  return `journal/${encodeURIComponent(document)}`;
}

/** Keep a version. It does not wait for a login, because what it carries must not wait in memory alone. */
export async function append(writing: Writing, signal?: AbortSignal): Promise<Version> {
  const init: RequestInit = {
    method: "POST",
    body: writing.text,
    headers: { "Content-Type": "application/json" },
    credentials: "same-origin",
    ...(signal ? { signal } : {}),
  };
  const answer = await fetch(appendAddress(writing), init);
  if (!answer.ok) throw new Refused(answer.status, (await answer.text()).trim());
  return readVersion(parseJson(await answer.text()));
}

export function appendAddress({ document, label, name, dirty }: Writing): string {
  return address(place(document), { label, name, dirty: String(dirty) });
}

export async function newestOfAll(): Promise<readonly Version[]> {
  return asList(await getJson("journal")).map(readVersion);
}

/** All versions of a document, newest first. */
export async function versionsOf(document: string): Promise<readonly Version[]> {
  return asList(await getJson(place(document))).map(readVersion);
}

export async function textOf({ document, number }: Version): Promise<string> {
  return (await ask(`${place(document)}/${number}`)).text();
}

/** Let the versions go along with a document that got another name. */
export async function moveVersions(document: string, target: string): Promise<void> {
  if (document === target || (await versionsOf(document)).length === 0) return;
  await ask(`${place(document)}/move/${encodeURIComponent(target)}`, { method: "POST" });
}

export async function forgetVersions(document: string): Promise<void> {
  await ask(place(document), { method: "DELETE" });
}

function readVersion(told: unknown): Version {
  const { document, number, time, label, name, nodes, dirty } = asObject(told);
  return {
    document: asText(document),
    number: asNumber(number),
    time: asNumber(time),
    label: asText(label),
    name: asText(name),
    nodes: asNumber(nodes),
    dirty: dirty === true,
  };
}
