import { describe, expect, it } from "vitest";
import { choicesOf, found, holds, nearest } from "./choices";

const MODELS = choicesOf([
  "sd15/dreamshaper_8.safetensors",
  "sdxl_base_1.0.safetensors",
  "v1-5-pruned-emaonly.ckpt",
  7,
]);
const texts = (typed: string) => found(MODELS, typed).map(({ text }) => text);

describe("choices", () => {
  it("are all there while nothing is typed", () => {
    expect(texts(" ")).toHaveLength(4);
  });

  it("are found by words in any order, and by letters in order where no word fits", () => {
    expect(texts("base SDXL")).toEqual(["sdxl_base_1.0.safetensors"]);
    expect(texts("sd")).toEqual(["sd15/dreamshaper_8.safetensors", "sdxl_base_1.0.safetensors"]);
    expect(texts("drmshp")).toEqual(["sd15/dreamshaper_8.safetensors"]);
    expect(texts("7")).toEqual(["7"]);
    expect(texts("nothing like it")).toEqual([]);
  });

  it("puts those first that begin with what is typed", () => {
    const names = choicesOf(["x_euler", "xeuler", "euler", "euler_ancestral"]);
    expect(found(names, "euler").map(({ text }) => text)).toEqual(["euler", "euler_ancestral", "x_euler", "xeuler"]);
  });

  it("names the one that a missing file most likely is", () => {
    expect(nearest(MODELS, "dreamshaper_8.safetensors")?.text).toBe("sd15/dreamshaper_8.safetensors");
    expect(nearest(MODELS, "models\\DreamShaper 7.ckpt")?.text).toBe("sd15/dreamshaper_8.safetensors");
    expect(nearest(MODELS, "v1-5-pruned.safetensors")?.text).toBe("v1-5-pruned-emaonly.ckpt");
    expect(nearest(MODELS, "flux")).toBeUndefined();
  });

  it("tells a number from its digits", () => {
    expect(holds(MODELS, 7)).toBe(true);
    expect(holds(MODELS, "7")).toBe(false);
  });
});
