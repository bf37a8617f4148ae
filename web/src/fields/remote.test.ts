import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../graph/json";
import { addressOf, fetchList, forgetLists, useRemoteLists } from "./remote";

const asked: string[] = [];
let answers: (() => Response)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  forgetLists();
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    const answer = answers.shift();
    if (!answer) throw new TypeError("no connection");
    return answer();
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function fetched(remote: JsonObject) {
  const list = fetchList(remote);
  await vi.runAllTimersAsync();
  return list;
}

function problemOf(remote: JsonObject): string | undefined {
  return useRemoteLists.getState().lists.get(addressOf(remote))?.problem;
}

describe("a list that is fetched", () => {
  it("comes from a route of the server, with its query, out of the key that holds it", async () => {
    answers = [() => Response.json({ items: ["a", "b"] })];
    const remote = { route: "/lists/styles", query_params: { kind: "x y" }, response_key: "items" };
    expect(await fetched(remote)).toEqual(["a", "b"]);
    expect(new URL(asked[0] ?? "").pathname.endsWith("/lists/styles")).toBe(true);
    expect(new URL(asked[0] ?? "").searchParams.get("kind")).toBe("x y");
  });

  it("is asked for again where the server fails, as often as the input allows", async () => {
    answers = [
      () => new Response("", { status: 500 }),
      () => new Response("", { status: 503 }),
      () => Response.json(["late"]),
    ];
    expect(await fetched({ route: "/a" })).toEqual(["late"]);
    expect(asked).toHaveLength(3);
    answers = [];
    expect(await fetched({ route: "/b", max_retries: 2 })).toBeUndefined();
    expect(asked).toHaveLength(5);
    expect(problemOf({ route: "/b" })).toBe("no connection");
  });

  it("is not asked for again where the answer is no", async () => {
    answers = [() => new Response("No such list.", { status: 404 })];
    expect(await fetched({ route: "/c" })).toBeUndefined();
    expect(asked).toHaveLength(1);
    expect(problemOf({ route: "/c" })).toBe("No such list.");
  });

  it("is told where the answer is none", async () => {
    answers = [() => Response.json({ items: 3 })];
    expect(await fetched({ route: "/d" })).toBeUndefined();
    expect(problemOf({ route: "/d" })).toBe("The answer holds no list.");
  });

  it("is never asked of another site", async () => {
    const remote = { route: "https://elsewhere.example/list" };
    expect(await fetched(remote)).toBeUndefined();
    expect(asked).toHaveLength(0);
    expect(problemOf(remote)).toContain("another site");
  });
});
