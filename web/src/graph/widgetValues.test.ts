import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NodeDefinition, readDefinition } from "./catalogue";
import type { GraphNode } from "./document";
import type { Json, JsonObject } from "./json";
import { readNode } from "./reading";
import { fitOf, LIKELY, listed, POSSIBLE, RIGHT, WRONG } from "./widgetFit";
import { widgetsOf } from "./widgets";
import { defaultValues, readNodeValues, readValues, withSettledValues, writeValue } from "./widgetValues";

const SAMPLE = readDefinition("Sample", {
  input: {
    required: {
      model: ["MODEL"],
      seed: ["INT", { default: 0, min: 0, max: 2n ** 64n - 1n, control_after_generate: true }],
      steps: ["INT", { default: 20, min: 1, max: 10000 }],
      cfg: ["FLOAT", { default: 8, min: 0, max: 100 }],
      sampler: [["euler", "heun", "ddim"]],
    },
    optional: { negative: ["COND"], strength: ["FLOAT", { default: 1, min: 0, max: 1 }] },
  },
});
const side = ["INT", { default: 512, min: 16, max: 16384 }];
const EMPTY = readDefinition("Empty", {
  input: { required: { width: side, height: side, batch_size: ["INT", { default: 1, min: 1 }] } },
});

function node(values: Json | undefined, recorded: readonly string[] = []): GraphNode {
  const inputs = recorded.map((name) => ({ name, type: "INT", link: null, widget: { name } }));
  return readNode({ id: 1, type: "A", inputs, ...(values === undefined ? {} : { widgets_values: values }) }, "");
}

function valuesOf(definition: NodeDefinition, values: Json | undefined, recorded: readonly string[] = []): JsonObject {
  return Object.fromEntries(readValues(node(values, recorded), definition));
}

const FULL = { seed: 7, steps: 30, cfg: 5.5, sampler: "heun", strength: 0.5 };

describe("reading the values of a node", () => {
  it.each<Json[]>([
    [7, "randomize", 30, 5.5, "heun", 0.5],
    [7, 30, 5.5, "heun", 0.5],
    [7, "randomize", 30, 5.5, "gone", "heun", 0.5],
  ])("finds those of other versions of a class: %o", (...values) => {
    expect(readNodeValues(node(values), SAMPLE).doubt).toBeUndefined();
    expect(valuesOf(SAMPLE, values)).toEqual({ ...FULL, control_after_generate: "randomize" });
  });

  it("reads a truth value as what becomes of a seed", () => {
    expect(valuesOf(SAMPLE, [7, true, 30, 5.5, "heun", 0.5]).control_after_generate).toBe("randomize");
    expect(valuesOf(SAMPLE, [7, false, 30, 5.5, "heun", 0.5]).control_after_generate).toBe("fixed");
  });

  it("lets recorded names decide where the order is another now", () => {
    expect(valuesOf(EMPTY, [16, 1, 32], ["height", "batch_size", "width"])).toEqual({
      width: 32,
      height: 16,
      batch_size: 1,
    });
  });

  it("knows values by name", () => {
    expect(valuesOf(EMPTY, { height: 16, other: 3 })).toEqual({ width: 512, height: 16, batch_size: 1 });
    expect(Object.fromEntries(readValues(node({ other: 3 }), undefined))).toEqual({ other: 3 });
  });

  it("tells what fits in two ways, and what is of another type", () => {
    expect(readNodeValues(node([32, 48]), EMPTY)).toMatchObject({
      doubt: { kind: "order", values: 2, fields: 3 },
      wrong: false,
    });
    expect(readNodeValues(node(["x", 48]), EMPTY)).toMatchObject({ doubt: { kind: "several" }, wrong: true });
    expect(readNodeValues(node([512, "x", 1]), EMPTY)).toMatchObject({
      doubt: { kind: "types", names: ["height"] },
      wrong: true,
    });
  });

  it("gives missing values their defaults, and fields without any nothing", () => {
    expect(valuesOf(EMPTY, undefined)).toEqual({ width: 512, height: 512, batch_size: 1 });
    expect(valuesOf(readDefinition("A", { input: { required: { name: [[]] } } }), [])).toEqual({});
    expect(defaultValues(SAMPLE)).toEqual([0, "randomize", 20, 8, "euler", 1]);
  });
});

describe("writing one value of a node", () => {
  it("changes one place of the list", () => {
    expect(writeValue(node([7, "fixed", 30, 5.5, "heun", 0.5]), SAMPLE, "cfg", 6).values).toEqual([
      7,
      "fixed",
      30,
      6,
      "heun",
      0.5,
    ]);
    expect(writeValue(node([16, 1, 32], ["height", "batch_size", "width"]), EMPTY, "width", 64).values).toEqual([
      16, 1, 64,
    ]);
    expect(writeValue(node([7, 30, 5.5, "heun", 0.5]), SAMPLE, "steps", 31).values).toEqual([7, 31, 5.5, "heun", 0.5]);
  });

  it("keeps names where there are names", () => {
    expect(writeValue(node({ height: 16, other: 3 }), EMPTY, "width", 64).values).toEqual({
      height: 16,
      other: 3,
      width: 64,
    });
  });

  it("writes a list where there was none, and a whole one where there was half", () => {
    expect(writeValue(node(undefined), EMPTY, "height", 64).values).toEqual([512, 64, 1]);
    expect(writeValue(node([32]), EMPTY, "batch_size", 4).values).toEqual([32, 512, 4]);
  });

  it("leaves a node alone that has no such field", () => {
    const before = node([1, 2, 3]);
    expect(writeValue(before, EMPTY, "depth", 1)).toBe(before);
    expect(writeValue(before, undefined, "width", 1)).toBe(before);
  });

  it("is read as it was written, and changes nothing else", () => {
    const value = fc.constantFrom<Json>(null, true, 0, 16, 7.5, "euler", "fixed", "x", 2n ** 64n - 1n);
    const recorded = fc.shuffledSubarray(["seed", "steps", "cfg", "sampler", "strength"]);
    const fields = fc.constantFrom(...widgetsOf(SAMPLE));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 9 }), recorded, fields, value, (values, names, field, wanted) => {
        fc.pre(fitOf(wanted, field) !== WRONG);
        const before = node(values, names);
        fc.pre(!readNodeValues(before, SAMPLE).wrong);
        const after = writeValue(before, SAMPLE, field.name, wanted);
        expect([...readValues(after, SAMPLE)]).toEqual([
          ...new Map(readValues(before, SAMPLE)).set(field.name, listed(wanted, field)),
        ]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("settling the values of a node", () => {
  it("keeps what was read and doubts it no more", () => {
    const after = withSettledValues(node([32, 48]), EMPTY);
    expect(after.values).toEqual([32, 48, 1]);
    expect(readNodeValues(after, EMPTY).doubt).toBeUndefined();
  });

  it("minds the order of recorded names", () => {
    const before = node([48, 16], ["height", "batch_size", "width"]);
    const after = withSettledValues(before, EMPTY);
    expect(readValues(after, EMPTY)).toEqual(readValues(before, EMPTY));
    expect(after.values).toHaveLength(3);
  });
});

describe("how well a value goes with a field", () => {
  const field = (type: Json, options: JsonObject = {}) => {
    const [widget] = widgetsOf(readDefinition("A", { input: { required: { a: [type, options] } } }));
    if (!widget) throw new Error("no field");
    return widget;
  };
  it.each<[Json, ReturnType<typeof field>, number]>([
    [5, field("INT", { min: 0, max: 9 }), RIGHT],
    [50, field("INT", { min: 0, max: 9 }), POSSIBLE],
    [true, field("INT"), WRONG],
    [0.5, field("INT"), POSSIBLE],
    [2n ** 64n - 1n, field("INT", { max: 2n ** 64n - 1n }), RIGHT],
    ["5", field("FLOAT"), WRONG],
    [5, field("STRING"), WRONG],
    ["fixed", field("STRING"), POSSIBLE],
    [1, field("BOOLEAN"), POSSIBLE],
    ["no", field("BOOLEAN"), WRONG],
    ["x", field(["x", "y"]), RIGHT],
    ["a\\x.png", field(["a/x.png"]), RIGHT],
    ["a/x.png", field(["a\\x.png"]), RIGHT],
    ["z.PNG", field(["a/x.png"]), LIKELY],
    ["z", field(["x", "y"]), POSSIBLE],
    [3, field(["x", "y"]), WRONG],
    ["z", field([]), RIGHT],
    [null, field("INT"), POSSIBLE],
  ])("%o", (value, widget, expected) => {
    expect(fitOf(value, widget)).toBe(expected);
  });
});
