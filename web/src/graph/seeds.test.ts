import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type InputDefinition, readCatalogue } from "./catalogue";
import { type Document, EMPTY_CANVAS, EMPTY_DOCUMENT, MODE } from "./document";
import type { Json, JsonObject } from "./json";
import { nextValue, randomNumber } from "./nextValue";
import { readDocument } from "./reading";
import { afterQueue } from "./seeds";

const MOST = 18446744073709551615n;
const CATALOGUE = readCatalogue({
  KSampler: {
    input: { required: { seed: ["INT", { min: 0, max: MOST }], steps: ["INT", { default: 20 }] } },
    output: [],
  },
  Style: { input: { required: { name: [["a", "b", "c2", "d2"], { control_after_generate: true }] } }, output: [] },
});

function input(type: string, options: object, choices?: readonly Json[]): InputDefinition {
  return { name: "seed", type, choices, required: true, options: options as JsonObject };
}

const SEED = input("INT", { min: 0, max: MOST });
const LIST = input("COMBO", {}, ["a", "b", "c2", "d2"]);

function documentOf(...nodes: object[]): Document {
  return readDocument({
    nodes: nodes.map((node, at) => ({ id: at + 1, ...node })),
    links: [],
    version: 0.4,
  } as JsonObject);
}

function valuesOf(document: Document): unknown[] {
  return [...document.canvas.nodes.values()].map(({ values }) => values);
}

describe("what becomes of a value after a run", () => {
  it("steps whole numbers without losing a digit, and stays within bounds", () => {
    expect(nextValue(SEED, 18446744073709551614n, "increment", Math.random)).toBe(MOST);
    expect(nextValue(SEED, MOST, "increment", Math.random)).toBe(MOST);
    expect(nextValue(SEED, 9007199254740992n, "decrement", Math.random)).toBe(9007199254740991);
    expect(nextValue(SEED, 0, "decrement", Math.random)).toBe(0);
    expect(nextValue(SEED, 5, "fixed", Math.random)).toBe(5);
    expect(nextValue(input("INT", { min: 8, max: 64, step: 8 }), 16, "increment", Math.random)).toBe(24);
  });

  it("draws random numbers within 2^50 and the bounds, on the raster of the step", () => {
    expect(randomNumber(SEED, () => 0)).toBe(0);
    expect(randomNumber(SEED, () => 1 - 2 ** -52)).toBeLessThan(2 ** 50);
    const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(random, (drawn) => {
        const value = Number(randomNumber(input("INT", { min: 3, max: 1003, step: 10 }), () => drawn));
        expect((value - 3) % 10).toBe(0);
        expect(value).toBeGreaterThanOrEqual(3);
        expect(value).toBeLessThanOrEqual(1003);
      }),
    );
  });

  it.each([
    ["increment", "d2", "", "d2"],
    ["increment-wrap", "d2", "", "a"],
    ["decrement", "a", "", "a"],
    ["decrement", "d2", "", "c2"],
    ["increment", "b", "/2$/", "c2"],
    ["increment-wrap", "d2", "2", "c2"],
    ["increment", "a", "/(/", "b"],
    ["randomize", "a", "2", "d2"],
    ["fixed", "a", "", "a"],
  ])("%s of a list leads from %s, narrowed by %j, to %s", (control, from, filter, to) => {
    expect(nextValue(LIST, from, control, () => 0.99, filter)).toBe(to);
  });

  it("changes seeds and lists of nodes that run, and nothing else", () => {
    const before = documentOf(
      { type: "KSampler", widgets_values: [41, "increment", 20] },
      { type: "KSampler", widgets_values: [41, "fixed", 20] },
      { type: "KSampler", widgets_values: [41, "increment", 20], mode: MODE.muted },
      { type: "Style", widgets_values: ["a", "increment", ""] },
      { type: "Unknown", widgets_values: [41, "increment"] },
    );
    const after = afterQueue(before, CATALOGUE);
    expect(valuesOf(after)).toEqual([
      [42, "increment", 20],
      [41, "fixed", 20],
      [41, "increment", 20],
      ["b", "increment", ""],
      [41, "increment"],
    ]);
  });

  it("leaves a document as it is where nothing is to change", () => {
    const before = documentOf({ type: "KSampler", widgets_values: [41, "fixed", 20] });
    expect(afterQueue(before, CATALOGUE)).toBe(before);
    expect(afterQueue(EMPTY_DOCUMENT, CATALOGUE)).toBe(EMPTY_DOCUMENT);
  });

  it("leaves a seed that a wire feeds, and steps the primitive that feeds it", () => {
    const before = readDocument({
      nodes: [
        {
          id: 1,
          type: "PrimitiveNode",
          outputs: [{ name: "INT", type: "INT", links: [1] }],
          widgets_values: [7, "increment"],
        },
        {
          id: 2,
          type: "KSampler",
          inputs: [{ name: "seed", type: "INT", link: 1, widget: { name: "seed" } }],
          widgets_values: [41, "increment", 20],
        },
      ],
      links: [[1, 1, 0, 2, 0, "INT"]],
      version: 0.4,
    });
    expect(valuesOf(afterQueue(before, CATALOGUE))).toEqual([
      [8, "increment"],
      [41, "increment", 20],
    ]);
  });

  it("reaches into subgraphs", () => {
    const inside = documentOf({ type: "KSampler", widgets_values: [1, "increment", 20] }).canvas;
    const subgraph = { id: "s", name: "s", inputs: [], outputs: [], canvas: inside, raw: {} };
    const after = afterQueue({ canvas: EMPTY_CANVAS, subgraphs: new Map([["s", subgraph]]) }, CATALOGUE);
    expect([...(after.subgraphs.get("s")?.canvas.nodes.values() ?? [])].map(({ values }) => values)).toEqual([
      [2, "increment", 20],
    ]);
  });

  it("steps the values of instances as their subgraph says inside, and leaves those inside", () => {
    const inside = {
      id: "s",
      name: "s",
      inputs: [
        { id: "a", name: "steps", type: "INT" },
        { id: "b", name: "luck", type: "INT" },
      ],
      outputs: [],
      nodes: [
        {
          id: 5,
          type: "KSampler",
          inputs: [
            { name: "seed", type: "INT", link: 1, widget: { name: "seed" } },
            { name: "steps", type: "INT", link: 2, widget: { name: "steps" } },
          ],
          widgets_values: [7, "increment", 30],
        },
      ],
      links: [
        { id: 1, origin_id: -10, origin_slot: 1, target_id: 5, target_slot: 0, type: "INT" },
        { id: 2, origin_id: -10, origin_slot: 0, target_id: 5, target_slot: 1, type: "INT" },
      ],
    };
    const nodes = [
      { id: 1, type: "s", widgets_values: [20, 40] },
      { id: 2, type: "s" },
    ];
    const text = { nodes, links: [], version: 0.4, definitions: { subgraphs: [inside] } };
    const before = readDocument(text as unknown as JsonObject);
    const after = afterQueue(before, CATALOGUE);
    expect(valuesOf(after)).toEqual([
      [20, 41],
      [30, 8],
    ]);
    expect(after.subgraphs).toBe(before.subgraphs);
  });
});
