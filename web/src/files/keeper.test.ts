import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Document, EMPTY_DOCUMENT } from "../graph/document";
import type { Version, Writing } from "./journal";
import { Keeper, LONGEST_WAIT, PAUSE, RETRY, type State, type Ways } from "./keeper";

function version(number: number): Version {
  return { document: "a", number, time: 0, label: "", name: "", nodes: 0, dirty: true };
}

function state(text: string): State {
  const document: Document = { ...EMPTY_DOCUMENT };
  return { document, writing: () => ({ document: "a", text, label: "", name: "A", dirty: true }) };
}

function set(send: (writing: Writing) => Promise<Version>) {
  const ways = {
    send: vi.fn(send),
    keep: vi.fn(async () => undefined),
    drop: vi.fn(async () => undefined),
    isPassing: vi.fn(() => true),
    told: vi.fn(),
  } satisfies Ways;
  return { ways, keeper: new Keeper(ways, state("opened")), sent: () => ways.send.mock.calls.map(([one]) => one.text) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a keeper", () => {
  it("sends what was edited after a pause, and nothing of what was only opened", async () => {
    const { keeper, sent } = set(async () => version(1));
    await vi.advanceTimersByTimeAsync(10 * PAUSE);
    keeper.hear(state("one"));
    keeper.hear(state("two"));
    expect(keeper.waits).toBe(true);
    await vi.advanceTimersByTimeAsync(PAUSE - 1);
    expect(sent()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent()).toEqual(["two"]);
    expect(keeper.waits).toBe(false);
  });

  it("waits no longer than its limit while someone never pauses", async () => {
    const { keeper, sent } = set(async () => version(1));
    for (let now = 0; now < LONGEST_WAIT; now += 100) {
      keeper.hear(state(String(now)));
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(sent()).toEqual([String(LONGEST_WAIT - 100)]);
  });

  it("has one version under way at a time, and the newest comes next", async () => {
    const answers: (() => void)[] = [];
    const { keeper, sent } = set(() => new Promise((resolve) => answers.push(() => resolve(version(1)))));
    keeper.hear(state("one"));
    await vi.advanceTimersByTimeAsync(PAUSE);
    keeper.hear(state("two"));
    keeper.hear(state("three"));
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT);
    expect(sent()).toEqual(["one"]);
    answers[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent()).toEqual(["one", "three"]);
  });

  it("keeps in the browser what the server does not take, tries again, and drops it then", async () => {
    let isThere = false;
    const { keeper, ways, sent } = set(async () => {
      if (!isThere) throw new TypeError("no answer");
      return version(7);
    });
    keeper.hear(state("one"));
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(ways.keep).toHaveBeenCalledWith(expect.objectContaining({ text: "one", after: 0 }));
    expect(keeper.away).toBe(true);
    isThere = true;
    await vi.advanceTimersByTimeAsync(RETRY);
    expect(sent()).toEqual(["one", "one"]);
    expect(ways.drop).toHaveBeenCalledWith("a");
    expect([keeper.away, keeper.waits]).toEqual([false, false]);
  });

  it("does not try again what will never be taken, but goes on with the next edit", async () => {
    const { keeper, ways, sent } = set(async () => {
      throw new Error("too large");
    });
    ways.isPassing.mockReturnValue(false);
    keeper.hear(state("one"));
    await vi.advanceTimersByTimeAsync(20 * RETRY);
    expect(sent()).toEqual(["one"]);
    keeper.hear(state("two"));
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(sent()).toEqual(["one", "two"]);
  });

  it("gives what waits to a page that closes", () => {
    const { keeper } = set(async () => version(1));
    expect(keeper.pending()).toBeUndefined();
    keeper.hear(state("one"));
    expect(keeper.pending()).toMatchObject({ text: "one", after: 0 });
  });

  it("sends what was opened before the first edit, once", async () => {
    const { ways } = set(async () => version(1));
    const keeper = new Keeper(ways, state("opened"), state("opened").writing);
    for (const text of ["one", "two"]) {
      keeper.hear(state(text));
      await vi.advanceTimersByTimeAsync(PAUSE);
    }
    expect(ways.send.mock.calls.map(([one]) => one.text)).toEqual(["opened", "one", "two"]);
  });

  it("leaves to another window what that has edited", async () => {
    const { keeper, sent } = set(async () => version(1));
    keeper.hear(state("mine"));
    keeper.skip(state("theirs"));
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT);
    expect(sent()).toEqual([]);
  });
});
