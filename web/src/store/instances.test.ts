/** How instances of subgraphs fare. */
import { describe, expect, it } from "vitest";
import { inside, runAt } from "./instances";
import type { NodePhase, NodeRun } from "./runState";

function runs(phases: Readonly<Record<string, NodePhase>>): ReadonlyMap<string, NodeRun> {
  return new Map(Object.entries(phases).map(([id, phase]) => [id, { phase }]));
}

describe("an instance", () => {
  it.each<[NodePhase, readonly NodePhase[]]>([
    ["queued", ["queued", "queued"]],
    ["running", ["done", "running", "queued"]],
    ["running", ["done", "queued"]],
    ["done", ["reused", "done"]],
    ["reused", ["reused", "reused"]],
    ["failed", ["done", "failed", "blocked"]],
  ])("is %s where its nodes are %j", (phase, phases) => {
    const nodes = runs(Object.fromEntries(phases.map((one, id) => [`7:${id}`, one])));
    expect(runAt(nodes, "7")?.phase).toBe(phase);
  });

  it("tells steps of what runs in it, and the seconds of all", () => {
    const nodes = new Map<string, NodeRun>([
      ["7:1", { phase: "done", seconds: 2 }],
      ["7:2:5", { phase: "running", seconds: 3, value: 4, total: 20 }],
      ["70:1", { phase: "failed" }],
    ]);
    expect(runAt(nodes, "7")).toEqual({ phase: "running", seconds: 5, value: 4, total: 20 });
    expect(runAt(nodes, "7:2")).toEqual({ phase: "running", seconds: 3, value: 4, total: 20 });
    expect(inside(nodes, "7").map(([id]) => id)).toEqual(["7:1", "7:2:5"]);
  });

  it("is nothing before a run", () => {
    expect(runAt(runs({ 7: "done" }), "8")).toBeUndefined();
  });
});
