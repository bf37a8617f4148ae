import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { reorder, takeJob, takeOverview, useQueue } from "./queue";

const job = (id: string, state: string, finished: number | null = null) => ({ id, state, finished, created: 1 });
const standing = (waiting: readonly string[], running: readonly string[] = []) => ({
  waiting,
  running: running.map((id) => job(id, "running")),
  counts: {},
  paused: "",
});

beforeEach(() => {
  vi.useFakeTimers();
  useQueue.setState({ waiting: [], running: [], jobs: new Map(), connection: "open" });
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => new Response(JSON.stringify({ jobs: [job("b", "queued"), job("c", "queued")], total: 2 }))),
  );
});

afterEach(() => vi.runAllTimersAsync());

it("follows a job from waiting over running to its end", () => {
  takeJob(job("a", "queued"));
  expect(useQueue.getState().waiting).toEqual(["a"]);
  takeJob(job("a", "running"));
  expect(useQueue.getState()).toMatchObject({ waiting: [], running: ["a"] });
  takeJob(job("a", "done", 5));
  expect(useQueue.getState()).toMatchObject({ waiting: [], running: [] });
});

it("takes the order from how things stand, and asks about what it does not know", async () => {
  await takeOverview(standing(["c", "b"], ["a"]));
  const { waiting, running, jobs } = useQueue.getState();
  expect([waiting, running]).toEqual([["c", "b"], ["a"]]);
  expect([...jobs.keys()].sort()).toEqual(["a", "b", "c"]);
});

it("does not let a job run again that has ended, though an old answer says so", async () => {
  takeJob(job("a", "done", 5));
  await takeOverview(standing([], ["a"]));
  expect(useQueue.getState().jobs.get("a")?.state).toBe("done");
  expect(useQueue.getState().running).toEqual([]);
});

it("keeps the order of a move that the server has not answered, whatever was asked before it", async () => {
  const order = { waiting: ["a", "b"], running: [], counts: {}, paused: "" };
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(order)));
  useQueue.setState({ waiting: ["a", "b"] });
  takeJob(job("a", "queued"));
  takeJob(job("b", "queued"));
  let answer = () => {};
  const done = reorder("b", "a", () => new Promise<void>((resolve) => (answer = resolve)));
  expect(useQueue.getState().waiting).toEqual(["b", "a"]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(useQueue.getState().waiting).toEqual(["b", "a"]);
  order.waiting = ["b", "a", "c"];
  answer();
  await done;
  await vi.advanceTimersByTimeAsync(1000);
  expect(useQueue.getState().waiting).toEqual(["b", "a", "c"]);
});
