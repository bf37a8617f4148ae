/** Requests to the server the page came from. Every address is relative, because it may stand below any path. */
import { type Json, parseJson, writeJson } from "../graph/json";
import { askForLogin } from "./login";

/** An answer that is no success; the message is the server's own sentence. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** What the answer held, if it was JSON. */
    readonly body: unknown = undefined,
  ) {
    super(message);
  }
}

export function address(path: string, query: Readonly<Record<string, string>> = {}): string {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** The place of a file of a user; the server takes it as one part of a path. */
export function userFile(path: string): string {
  return `userdata/${encodeURIComponent(path)}`;
}

/** Send a request; one that is refused for want of a login waits for it and is sent once more. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const send = () => fetch(address(path), { credentials: "same-origin", ...init });
  let response = await send();
  if (response.status === 401) {
    await askForLogin();
    response = await send();
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function getJson(path: string): Promise<unknown> {
  return parseJson(await (await ask(path)).text());
}

export async function postJson(path: string, body: Json, headers: Record<string, string> = {}): Promise<unknown> {
  const init = {
    method: "POST",
    body: writeJson(body),
    headers: { "Content-Type": "application/json", ...headers },
  };
  const text = await (await ask(path, init)).text();
  return text ? parseJson(text) : undefined;
}

async function refusal(response: Response): Promise<Refused> {
  const text = await response.text();
  const body = parsed(text);
  return new Refused(response.status, text.trim() || `The server answered ${response.status}.`, body);
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
