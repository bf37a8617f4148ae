import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../graph/json";
import { hear } from "./runEvents";
import { accepted, caughtUp, standing } from "./runStanding";
import { NO_RUN, type RunEvent, type RunState } from "./runState";

let id = 0;

function event(name: string, data: JsonObject, job = "a"): RunEvent {
  const passes = name === "progress" || name === "estimate";
  id += 1;
  return { job, event: name, time: 100 + id, data, ...(passes ? {} : { id }) };
}

function fold(...events: readonly RunEvent[]): RunState {
  return events.reduce(hear, NO_RUN);
}

const begin = () => event("started", { node_ids: ["1", "2", "3"] });

describe("a run", () => {
  it("begins with every node waiting", () => {
    const run = fold(begin());
    expect([...run.nodes.values()].map((node) => node.phase)).toEqual(["queued", "queued", "queued"]);
    expect(run.phase).toBe("running");
  });

  it("tells steps, results and what was reused", () => {
    const run = fold(
      begin(),
      event("cached", { node_ids: ["1"] }),
      event("executing", { node_id: "2" }),
      event("progress", { node_id: "2", value: 12, total: 20 }),
    );
    expect(run.nodes.get("1")?.phase).toBe("reused");
    expect(run.nodes.get("2")).toEqual({ phase: "running", value: 12, total: 20 });
    expect(run.fraction).toBeCloseTo((1 + 0.6) / 3);
    const done = hear(run, event("executed", { node_id: "2", ui: { text: ["hi"] }, seconds: 2, reused: false }));
    expect(done.nodes.get("2")).toEqual({ phase: "done", seconds: 2 });
    expect(done.outputs.get("2")).toEqual({ text: ["hi"] });
  });

  it("takes the server's estimate over the count of nodes", () => {
    const estimate = event("estimate", { fraction: 0.5, seconds_left: 3, seconds_low: 2, seconds_high: null });
    const run = fold(begin(), estimate, event("executing", { node_id: "1" }));
    expect([run.fraction, run.secondsLeft, run.secondsLow, run.secondsHigh]).toEqual([0.5, 3, 2, null]);
  });

  it("puts a failure on the node that caused it, with what to do", () => {
    const problem = { node_id: "2", message: "The node failed", remedy: "Connect it.", input_name: "steps" };
    const run = fold(begin(), event("executing", { node_id: "2" }), event("failed", { problem }));
    expect(run.problems.get("2")).toEqual([{ message: "The node failed", remedy: "Connect it.", input: "steps" }]);
    expect([...run.nodes.values()].map((node) => node.phase)).toEqual(["blocked", "failed", "blocked"]);
    expect(run.phase).toBe("failed");
  });

  it("shows what happens in nodes that were put in the place of another at that node", () => {
    const run = fold(
      begin(),
      event("expanded", { node_id: "2", places: [["2.0.0.1", "2", "2", "2"]] }),
      event("progress", { node_id: "2.0.0.1", value: 1, total: 4 }),
      event("executed", { node_id: "2.0.0.1", ui: { text: ["in"] }, seconds: 1, reused: false }),
    );
    expect(run.nodes.get("2")).toEqual({ phase: "running", value: 1, total: 4 });
    expect(run.nodes.has("2.0.0.1")).toBe(false);
    expect(run.outputs.get("2")).toEqual({ text: ["in"] });
  });

  it("says why nodes ran", () => {
    const causes = [{ kind: "constant", input_name: "seed", before: "1", after: "2" }];
    const nodes = { 1: { status: "reused" }, 2: { status: "ran", causes } };
    const run = fold(begin(), event("explained", { explanation: { nodes } }));
    expect(run.nodes.get("2")?.reason).toBe("seed: 1 → 2");
    expect(run.nodes.get("1")?.reason).toBe("nothing that it depends on changed");
  });

  it("keeps what earlier runs showed, and starts again from nothing else", () => {
    const first = fold(begin(), event("executed", { node_id: "3", ui: { images: [] }, seconds: 0, reused: false }));
    const second = hear(first, event("started", { node_ids: ["1"] }, "b"));
    expect(second.outputs.has("3")).toBe(true);
    expect([...second.nodes.keys()]).toEqual(["1"]);
    expect(second.jobId).toBe("b");
  });

  it("leaves a job in sight that runs while another is accepted", () => {
    expect(accepted(fold(begin()), "b").jobId).toBe("a");
    expect(accepted(NO_RUN, "b")).toMatchObject({ jobId: "b", phase: "queued" });
  });

  it("believes the server about a job whose end was never told", () => {
    const lost = standing(fold(begin()), { id: "a", state: "failed", reason: "The server ended while it ran." });
    expect(lost.phase).toBe("failed");
    expect(lost.general).toEqual([{ message: "The server ended while it ran." }]);
    const again = standing(fold(begin()), { id: "a", state: "queued" });
    expect(again.phase).toBe("queued");
    expect(standing(fold(begin()), { id: "b", state: "failed" }).phase).toBe("running");
  });

  it("catches up with steps that stand in no log", () => {
    const run = fold(begin(), event("executing", { node_id: "2" }));
    const live = { progress: { 2: [5, 20] }, estimate: { fraction: 0.4, seconds_left: 9 } };
    const caught = caughtUp(run, live);
    expect(caught.nodes.get("2")).toEqual({ phase: "running", value: 5, total: 20 });
    expect([caught.fraction, caught.secondsLeft]).toEqual([0.4, 9]);
  });
});

describe("the fold", () => {
  const ids = fc.constantFrom("1", "2", "3");
  const step = fc.oneof(
    ids.map((node_id) => event("executing", { node_id })),
    ids.map((node_id) => event("executed", { node_id, ui: null, seconds: 1, reused: false })),
    ids.map((node_id) => event("notice", { node_id, message: "hm" })),
  );

  it("takes no kept event twice: hearing the past again changes nothing", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.nat(12), (steps, from) => {
        const events = [begin(), ...steps].map((told, index) => ({ ...told, id: index + 1 }));
        const once = fold(...events);
        const twice = events.slice(from).reduce(hear, once);
        expect(twice).toEqual(once);
      }),
    );
  });
});
