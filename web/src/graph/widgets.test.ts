import { describe, expect, it } from "vitest";
import { readDefinition } from "./catalogue";
import type { JsonObject } from "./json";
import { widgetsOf } from "./widgets";

function names(required: JsonObject, name = "A"): string[] {
  return widgetsOf(readDefinition(name, { input: { required }, output: [] })).map((widget) => widget.name);
}

describe("which fields an input brings", () => {
  it.each<[JsonObject, string[]]>([
    [{ seed: ["INT"] }, ["seed", "control_after_generate"]],
    [{ seed: ["INT", { control_after_generate: false }] }, ["seed"]],
    [{ n: ["INT", { control_after_generate: "later" }] }, ["n", "later"]],
    [{ c: [["a"], { control_after_generate: true }] }, ["c", "control_after_generate", "control_filter_list"]],
    [{ a: ["INT", { forceInput: true }], b: ["MODEL"], c: ["FLOAT,INT"] }, []],
    [{ a: ["FLOAT,INT", { widgetType: "FLOAT" }] }, ["a"]],
    [{ a: ["INT", { defaultInput: true }] }, ["a"]],
    [{ image: [["x"], { image_upload: true }], channel: [["red"]] }, ["image", "channel", "upload"]],
    [
      { image: ["COMBO", { image_upload: true, remote: { refresh_button: true } }] },
      ["image", "auto_refresh", "refresh", "upload"],
    ],
    [
      { seed: ["INT"], noise_seed: ["INT"] },
      ["seed", "control_after_generate", "noise_seed", "control_after_generate (noise_seed)"],
    ],
    [{ constructor: ["INT"] }, ["constructor"]],
  ])("%o", (required, expected) => {
    expect(names(required)).toEqual(expected);
  });

  it("gives some classes fields that only the official editor adds", () => {
    expect(names({ audio: [["x"], { audio_upload: true }] }, "LoadAudio")).toEqual(["audio", "audioUI", "upload"]);
  });

  it("knows range, default and choices", () => {
    const info = { input: { required: { n: ["INT", { min: 16, max: 64 }], c: ["COMBO", { options: ["x", "y"] }] } } };
    expect(widgetsOf(readDefinition("A", info))).toMatchObject([
      { kind: "INT", default: 16, low: 16, high: 64, sent: true },
      { kind: "COMBO", default: "x", choices: ["x", "y"] },
    ]);
  });

  it("answers with the same list for the same class", () => {
    const definition = readDefinition("A", { input: { required: { n: ["INT"] } } });
    expect(widgetsOf(definition)).toBe(widgetsOf(definition));
  });
});
