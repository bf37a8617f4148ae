import { expect, it } from "vitest";
import { moveNodes, patchNode, removeNodes } from "../graph/edits/nodes";
import { readDocument } from "../graph/reading";
import { mended } from "./mended";
import { NO_RUN, type RunState } from "./runState";

const document = readDocument({
  nodes: [
    { id: 1, type: "A", pos: [0, 0], size: [1, 1], widgets_values: [1] },
    { id: 2, type: "B", pos: [0, 0], size: [1, 1], widgets_values: [2] },
  ],
  links: [],
});
const run: RunState = {
  ...NO_RUN,
  problems: new Map([["1", [{ message: "wrong" }]]]),
  nodes: new Map([["1", { phase: "failed" }]]),
  general: [{ message: "nothing to show" }],
};
const after = (canvas: typeof document.canvas) => mended(run, document, { ...document, canvas });

it("takes the mark off a node whose values have changed", () => {
  const found = after(patchNode(document.canvas, 1, { values: [5] }));
  expect([found.problems.size, found.nodes.size]).toEqual([0, 0]);
});

it("leaves marks where a node was only moved, or another one changed", () => {
  expect(after(moveNodes(document.canvas, new Map([["1", [9, 9]]])))).toBe(run);
  expect(after(patchNode(document.canvas, 2, { values: [5] }))).toBe(run);
});

it("forgets problems of nodes that are gone, and of the whole graph when nodes come or go", () => {
  const found = after(removeNodes(document.canvas, [1]));
  expect([found.problems.size, found.general.length]).toEqual([0, 0]);
});
