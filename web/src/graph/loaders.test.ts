import { describe, expect, it } from "vitest";
import { readCatalogue } from "./catalogue";
import { loaderOf } from "./loaders";

function taking(field: string, files: readonly string[], more = {}) {
  return { input: { required: { [field]: [files] } }, category: "loaders", ...more };
}

const CATALOGUE = readCatalogue({
  Old: taking("ckpt", ["a.safetensors", "odd.bin"], { deprecated: true }),
  CheckpointLoaderSimple: taking("ckpt_name", ["a.safetensors"]),
  OddLoader: taking("odd_name", ["odd.bin", "only.bin"]),
});

describe("the loader of a file", () => {
  it("is the usual one of its kind", () => {
    const found = loaderOf(CATALOGUE, "checkpoints", "a.safetensors");
    expect([found?.definition.name, found?.field]).toEqual(["CheckpointLoaderSimple", "ckpt_name"]);
  });

  it("is any that lists it, for kinds of packs", () => {
    expect(loaderOf(CATALOGUE, "odd_things", "odd.bin")?.definition.name).toBe("OddLoader");
  });

  it("is none where no node lists it", () => {
    expect(loaderOf(CATALOGUE, "checkpoints", "gone.safetensors")).toBeUndefined();
  });
});
