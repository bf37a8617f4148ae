/** What is said of runs and edits: little, and that exactly. */
import { describe, expect, it } from "vitest";
import { EMPTY_DOCUMENT, type GraphNode, withCanvas } from "../graph/document";
import { connect, disconnect } from "../graph/edits/links";
import { addNode, removeNodes } from "../graph/edits/nodes";
import { record, redo, undo } from "../graph/history";
import { NO_RUN, type RunState } from "../store/runState";
import { newTab, type Tab } from "../store/tabs";
import { editNews } from "./editNews";
import { runNews } from "./runNews";

const RUNNING: RunState = { ...NO_RUN, jobId: "1", phase: "running", started: 10 };
const names = (id: string) => `Node ${id}`;

describe("a run", () => {
  it("says its beginning, its half and its end, and nothing between", () => {
    const steps: RunState[] = [
      { ...NO_RUN, jobId: "1", phase: "queued" },
      RUNNING,
      ...[0.1, 0.3, 0.52, 0.7, 0.9].map((fraction) => ({ ...RUNNING, fraction })),
      { ...RUNNING, phase: "done", fraction: 1, finished: 12.1 },
    ];
    const told = steps.map((now, index) => runNews(steps[index - 1] ?? NO_RUN, now, names)).filter(Boolean);
    expect(told).toEqual(["The run has started.", "Half done.", "Done in 2.1 s."]);
  });

  it("says where it failed and why", () => {
    const problems = new Map([["3", [{ message: "out of memory" }]]]);
    expect(runNews(RUNNING, { ...RUNNING, phase: "failed", problems }, names)).toBe(
      "The run failed: Node 3: out of memory",
    );
  });

  it("says how much it did not have to do again", () => {
    const nodes = new Map([["1", { phase: "reused" as const }]]);
    const done: RunState = { ...RUNNING, phase: "done", finished: 10.2, nodes };
    expect(runNews(RUNNING, done, names)).toBe("Done in 0.2 s, 1 reused.");
  });
});

describe("an edit", () => {
  const wires = [
    { name: "a", type: "A", link: null, raw: {} },
    { name: "b", type: "A", link: null, raw: {} },
  ];
  const socket = { name: "OUT", type: "A", links: null, raw: {} };
  const plain = { mode: 0, pos: [0, 0], size: [10, 10], collapsed: false, properties: {}, raw: {}, values: undefined };
  const source = { ...plain, id: 1, type: "Source", inputs: [], outputs: [socket] } as unknown as GraphNode;
  const sink = { ...plain, id: 2, type: "Sink", title: "The sink", inputs: wires, outputs: [] } as unknown as GraphNode;
  const next = (tab: Tab, canvas: Tab["history"]["present"]["canvas"], label = "x"): Tab => ({
    ...tab,
    history: record(tab.history, withCanvas(tab.history.present, [], canvas), label),
  });
  const empty = newTab("a", EMPTY_DOCUMENT);
  const one = next(empty, addNode(empty.history.present.canvas, source).canvas);
  const two = next(one, addNode(one.history.present.canvas, sink).canvas);
  const wired = next(two, connect(two.history.present.canvas, { node: 1, slot: 0 }, { node: 2, slot: 1 }), "Connect");

  it("says what came, what was connected, and what went", () => {
    expect(editNews(empty, one)).toBe("Source added.");
    expect(editNews(two, wired)).toBe("Connected Source OUT to The sink b.");
    const [link = -1] = wired.history.present.canvas.links.keys();
    const cut = next(wired, disconnect(wired.history.present.canvas, link));
    expect(editNews(wired, cut)).toBe("Disconnected Source OUT from The sink b.");
    expect(editNews(two, next(two, removeNodes(two.history.present.canvas, ["2"])))).toBe("1 node removed.");
  });

  it("says what a step back and forth was about", () => {
    const back = { ...wired, history: undo(wired.history) };
    expect(editNews(wired, back)).toBe("Undone: Connect.");
    expect(editNews(back, { ...back, history: redo(back.history) })).toBe("Done again: Connect.");
  });

  it("says what is selected", () => {
    expect(editNews(two, { ...two, selection: new Set(["2"]) })).toBe("The sink selected.");
    expect(editNews(two, { ...two, selection: new Set(["1", "2"]) })).toBe("2 selected.");
    expect(editNews(two, { ...two, selection: new Set() })).toBeUndefined();
  });
});
