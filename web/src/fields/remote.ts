/** Lists that a field fetches from a route of the server, and how far that is. */
import { useEffect } from "react";
import { create } from "zustand";
import { address } from "../api/client";
import { asNumber, asObject, asText, isList, type Json, type JsonObject, parseJson } from "../graph/json";
import { t } from "../words";
import type { Row } from "./rows";

export interface RemoteList {
  readonly values: readonly Json[];
  readonly isLoading: boolean;
  /** Why it did not come. */
  readonly problem: string;
  /** When it came, in milliseconds of the page; 0 before. */
  readonly at: number;
}

const NONE: RemoteList = { values: [], isLoading: false, problem: "", at: 0 };
const NO_CHOICES: readonly Json[] = [];
const PATIENCE = 4096;
const TRIES = 5;
/** Milliseconds before a second try; each further one waits twice as long. */
const FIRST_WAIT = 250;
const LEAST_REFRESH = 128;

export const useRemoteLists = create<{ readonly lists: ReadonlyMap<string, RemoteList> }>(() => ({ lists: new Map() }));

/** The choices of a field: those of its class, or those that its route answered. */
export function useRemoteList(row: Row): { readonly values: readonly Json[]; readonly isKnown: boolean } {
  const { remote } = row;
  const key = remote ? addressOf(remote) : "";
  const list = useRemoteLists((state) => (key ? state.lists.get(key) : undefined));
  useEffect(() => {
    if (remote && isStale(remote)) void fetchList(remote);
  }, [remote]);
  const own = row.input.choices ?? NO_CHOICES;
  if (!remote) return { values: own, isKnown: row.input.choices !== undefined };
  return { values: list && list.at > 0 ? list.values : own, isKnown: list !== undefined && list.at > 0 };
}

export function useRemoteState(remote: JsonObject): RemoteList {
  const key = addressOf(remote);
  return useRemoteLists((state) => state.lists.get(key)) ?? NONE;
}

/** Fetch a list again, whatever is known of it; the answer is what came. */
export async function fetchList(remote: JsonObject): Promise<readonly Json[] | undefined> {
  const key = addressOf(remote);
  if (useRemoteLists.getState().lists.get(key)?.isLoading) return undefined;
  note(key, { isLoading: true, problem: "" });
  try {
    const values = await tried(remote, key);
    note(key, { values, isLoading: false, problem: "", at: performance.now() });
    return values;
  } catch (error) {
    note(key, { isLoading: false, problem: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

/** Let every list be fetched again when it is looked at next. */
export function forgetLists(): void {
  useRemoteLists.setState({ lists: new Map() });
}

export function addressOf(remote: JsonObject): string {
  const told = Object.entries(asObject(remote.query_params)).map(([name, value]) => [name, String(value)]);
  const route = asText(remote.route);
  const isAbsolute = /^[a-z]+:/i.test(route);
  return isAbsolute ? withQuery(route, told) : address(route.replace(/^\/+/, ""), Object.fromEntries(told));
}

function withQuery(route: string, query: readonly string[][]): string {
  const url = new URL(route);
  for (const [name = "", value = ""] of query) url.searchParams.set(name, value);
  return url.href;
}

function isStale(remote: JsonObject): boolean {
  const known = useRemoteLists.getState().lists.get(addressOf(remote));
  if (!known) return true;
  const refresh = asNumber(remote.refresh);
  return refresh >= LEAST_REFRESH && known.at > 0 && performance.now() - known.at > refresh;
}

async function tried(remote: JsonObject, url: string): Promise<readonly Json[]> {
  if (new URL(url).origin !== location.origin) throw new Error(t("list.elsewhere"));
  const tries = Math.max(1, asNumber(remote.max_retries, TRIES));
  for (let count = 1; ; count += 1) {
    try {
      return await answered(remote, url);
    } catch (error) {
      if (count >= tries || !(error instanceof Unanswered)) throw error;
      await new Promise((resolve) => window.setTimeout(resolve, FIRST_WAIT * 2 ** (count - 1)));
    }
  }
}

/** The server did not answer, or not well; another try may help. */
class Unanswered extends Error {}

async function answered(remote: JsonObject, url: string): Promise<readonly Json[]> {
  const signal = AbortSignal.timeout(asNumber(remote.timeout) || PATIENCE);
  const response = await fetch(url, { credentials: "same-origin", signal }).catch((error: Error) => {
    throw new Unanswered(error.message);
  });
  if (response.status >= 500) throw new Unanswered(`${response.status}`);
  if (!response.ok) throw new Error((await response.text()).trim() || String(response.status));
  const answer = parseJson(await response.text());
  const list = asText(remote.response_key) ? asObject(answer)[asText(remote.response_key)] : answer;
  if (!isList(list)) throw new Error(t("list.noList"));
  return list;
}

function note(key: string, change: Partial<RemoteList>): void {
  useRemoteLists.setState(({ lists }) => ({
    lists: new Map(lists).set(key, { ...(lists.get(key) ?? NONE), ...change }),
  }));
}
