import { describe, expect, it } from "vitest";
import { readCatalogue } from "./catalogue";
import { needed, readRefusal, unconnected } from "./problems";

const catalogue = readCatalogue({
  Loader: { input: { required: { name: [["a", "b"]] } }, output: ["MODEL"] },
  Sampler: {
    display_name: "KSampler",
    input: {
      required: { model: ["MODEL"], positive: ["CONDITIONING"], steps: ["INT", { min: 1 }] },
      optional: { mask: ["MASK"] },
    },
    output: ["LATENT"],
  },
  Save: { input: { required: { images: ["LATENT"] } }, output: [], output_node: true },
});

const prompt = {
  1: { class_type: "Loader", inputs: { name: "a" } },
  2: { class_type: "Sampler", inputs: { steps: 20 } },
  3: { class_type: "Save", inputs: { images: ["2", 0] } },
  4: { class_type: "Sampler", inputs: { steps: 1 } },
};

describe("unconnected inputs", () => {
  it("are told at the node that needs them, in the user's words", () => {
    const { nodes: found, runs } = unconnected(prompt, catalogue);
    expect(runs).toBe(0);
    expect([...found.keys()]).toEqual(["2"]);
    expect(found.get("2")).toEqual([
      { input: "model", message: "Connect a MODEL: KSampler needs one" },
      { input: "positive", message: "Connect a CONDITIONING to “positive”: KSampler needs one" },
    ]);
  });

  it("are those of the wanted outputs only", () => {
    expect(unconnected(prompt, catalogue, []).nodes.size).toBe(0);
    expect([...unconnected(prompt, catalogue, ["4"]).nodes.keys()]).toEqual(["4"]);
  });

  it("keep no other output from running", () => {
    const other = { ...prompt, 5: { class_type: "Save", inputs: { images: ["1", 0] } } };
    expect(unconnected(other, catalogue)).toMatchObject({ runs: 1 });
    expect([...unconnected(other, catalogue).nodes.keys()]).toEqual(["2"]);
  });

  it("ends on a circle", () => {
    const circle = { 1: { inputs: { a: ["2", 0] } }, 2: { inputs: { a: ["1", 0] } } };
    expect([...needed(circle, ["1"])].sort()).toEqual(["1", "2"]);
  });
});

function refused(type: string, message: string, details: string, extra_info = {}) {
  const errors = [{ type, message, details, extra_info }];
  const answer = {
    error: { type: "prompt_outputs_failed_validation" },
    node_errors: { 2: { errors, class_type: "Sampler" } },
  };
  return readRefusal(answer, prompt, catalogue).nodes.get("2")?.[0];
}

describe("a refusal", () => {
  it("of a value says what it may be", () => {
    const extra = { input_name: "steps", input_config: ["INT", { min: 1 }], received_value: 0 };
    expect(refused("value_smaller_than_min", "Value 0 smaller than min of 1", "steps", extra)).toEqual({
      input: "steps",
      message: "“steps” is 0, but must be at least 1",
    });
  });

  it("of a missing input says the same as the look before", () => {
    expect(refused("required_input_missing", "Required input is missing", "model", { input_name: "model" })).toEqual(
      unconnected(prompt, catalogue).nodes.get("2")?.[0],
    );
  });

  it("that is not known keeps the server's words", () => {
    expect(refused("odd", "Something odd", "in here")).toEqual({ message: "Something odd: in here" });
  });

  it("of an unknown class marks the node", () => {
    const error = {
      type: "invalid_prompt",
      message: "Cannot execute because node Nothing does not exist.",
      details: "Node ID '#4:1'",
    };
    const found = readRefusal({ error, node_errors: {} }, prompt, catalogue);
    expect(found.general).toEqual([]);
    expect(found.nodes.get("4:1")?.[0]?.message).toBe("There is no node Nothing on this server");
  });

  it("of a graph that shows nothing says what to add", () => {
    const error = { type: "prompt_no_outputs", message: "Prompt has no outputs", details: "" };
    const found = readRefusal({ error, node_errors: {} }, {}, catalogue);
    expect(found.general[0]?.remedy).toBe("Add a Save Image or a Preview Image and connect it.");
  });
});
