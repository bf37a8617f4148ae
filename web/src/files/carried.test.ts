import fc from "fast-check";
import { describe, expect, it } from "vitest";
import metadata from "../../../tests/fixtures/golden/13_comfyui/metadata.json";
import saved from "../../../tests/fixtures/golden/13_comfyui/saved_0.png?inline";
import { carriedBy } from "./carried";
import { be32, bytes, chunk, deflated, exif, type Part, png, safetensors, webp } from "./testing";
import { Unreadable } from "./unreadable";

const PROMPT = { "1": { class_type: "A", inputs: {} } };
const WORKFLOW = { nodes: [], links: [], version: 0.4 };
const prompt = JSON.stringify(PROMPT);
const workflow = JSON.stringify(WORKFLOW);
const BOTH = { workflow: WORKFLOW, prompt: PROMPT };

async function graphs(...parts: readonly Part[]) {
  return (await carriedBy(new Blob([bytes(...parts)]))).graphs;
}

async function refusal(...parts: readonly Part[]): Promise<string> {
  const error = await carriedBy(new Blob([bytes(...parts)])).then(
    () => undefined,
    (problem: unknown) => problem,
  );
  expect(error).toBeInstanceOf(Unreadable);
  return (error as Unreadable).message;
}

describe("pictures", () => {
  it("that ComfyUI saved give back the graphs that it wrote", async () => {
    const picture = Uint8Array.from(atob(saved.split(",")[1] ?? ""), (letter) => letter.charCodeAt(0));
    expect(await graphs(picture)).toEqual({
      prompt: metadata.png.prompt,
      workflow: metadata.png.extra_pnginfo.workflow,
    });
  });

  it("in PNG carry texts plain, packed or international", async () => {
    const packed = await deflated(bytes(workflow));
    const plain = chunk("tEXt", bytes(`prompt\0${prompt}`));
    expect(await graphs(png(plain, chunk("zTXt", bytes("workflow\0\0", packed))))).toEqual(BOTH);
    expect(await graphs(png(plain, chunk("iTXt", bytes("workflow\0\0\0\0\0", workflow))))).toEqual(BOTH);
    expect(await graphs(png(plain, chunk("iTXt", bytes("workflow\0\x01\0en\0name\0", packed))))).toEqual(BOTH);
    expect(await graphs(png(chunk("comf", bytes(`prompt\0${prompt}`))))).toEqual({ prompt: PROMPT });
  });

  it("in WebP and JPEG carry them as EXIF texts", async () => {
    const data = exif({ 272: `prompt:${prompt}`, 271: `workflow:${workflow}` });
    expect(await graphs(webp(["VP8L", bytes([1, 2, 3])], ["EXIF", data]))).toEqual(BOTH);
    expect(await graphs(webp(["EXIF", bytes("Exif\0\0", data)]))).toEqual(BOTH);
    const length = data.length + 8;
    const segment = bytes("\xff\xe1", [length >> 8, length & 255], "Exif\0\0", data);
    expect(await graphs("\xff\xd8\xff\xe0\0\x04\0\0", segment, "\xff\xda")).toEqual(BOTH);
  });

  it("without a graph have none, and that is no failure", async () => {
    expect(await graphs(png())).toEqual({});
    expect(await graphs(webp(["VP8L", bytes([1])]))).toEqual({});
    expect(await graphs("\xff\xd8\xff\xe0\0\x04\0\0\xff\xda")).toEqual({});
    expect(await graphs(png(chunk("tEXt", bytes("parameters\0a cat, Steps: 20"))))).toEqual({});
  });

  it("with one text that cannot be read still give the other", async () => {
    const spoiled = chunk("tEXt", bytes("workflow\0{"));
    expect(await graphs(png(spoiled, chunk("tEXt", bytes(`prompt\0${prompt}`))))).toEqual({ prompt: PROMPT });
    expect(await refusal(png(spoiled))).toMatch(/not JSON/);
  });
});

describe("latents and models", () => {
  it("carry graphs in their header", async () => {
    const header = JSON.stringify({ __metadata__: { prompt, workflow, other: "x" }, a: { shape: [1] } });
    expect(await graphs(safetensors(header))).toEqual(BOTH);
    expect(await graphs(safetensors('{"a":{}}'))).toEqual({});
    expect(await refusal(safetensors('{"a":{'))).toMatch(/not JSON/);
  });
});

describe("JSON", () => {
  const text = (value: unknown) => graphs(JSON.stringify(value));

  it("is found in every wrapping", async () => {
    expect(await text(WORKFLOW)).toEqual({ workflow: WORKFLOW });
    expect(await text(PROMPT)).toEqual({ prompt: PROMPT });
    expect(await text({ prompt: PROMPT, workflow: WORKFLOW })).toEqual(BOTH);
    expect(await text({ prompt, workflow })).toEqual(BOTH);
    expect(await text({ prompt: PROMPT, extra_data: { extra_pnginfo: { workflow: WORKFLOW } } })).toEqual(BOTH);
    const entry = { prompt: [1, "id", PROMPT, { extra_pnginfo: { workflow: WORKFLOW } }, ["1"]], outputs: {} };
    expect(await text(entry)).toEqual(BOTH);
    expect(await text({ older: { prompt: [0, "x", {}, {}, []] }, newer: entry })).toEqual(BOTH);
    expect(await text({ ldm_nodes_lock: 1, graph: PROMPT })).toEqual({ prompt: PROMPT });
    expect(await text({ something: "else" })).toEqual({});
  });

  it("may begin with a mark, and hold numbers as Python writes them", async () => {
    expect(await graphs("\xef\xbb\xbf ", '{"1": {"class_type": "A", "inputs": {"a": NaN}}}')).toEqual({
      prompt: { "1": { class_type: "A", inputs: { a: null } } },
    });
  });
});

describe("hostile files", () => {
  it("that unpack to gigabytes are given up early", async () => {
    const bomb = await deflated(new Uint8Array(40 << 20));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await refusal(png(chunk("zTXt", bytes("workflow\0\0", bomb))))).toMatch(/packs more text/);
    expect(await refusal(png(chunk("iTXt", bytes("workflow\0\x01\0\0\0", bomb))))).toMatch(/packs more text/);
  });

  it("that are packed wrongly are damaged", async () => {
    expect(await refusal(png(chunk("zTXt", bytes("workflow\0\0nonsense"))))).toMatch(/damaged/);
  });

  it("that are nested deep overflow nothing", async () => {
    for (const open of ["[", '{"nodes":', '{"1":[']) {
      expect(await refusal(open.repeat(100_000))).toMatch(/64 levels/);
    }
    expect(Object.keys(await graphs(JSON.stringify({ nodes: ["[".repeat(500)] })))).toEqual(["workflow"]);
  });

  it("that name the prototype are refused, however it is spelled", async () => {
    expect(await refusal('{"nodes": [], "__proto__": {"polluted": 1}}')).toMatch(/__proto__/);
    expect(await refusal('{"nodes": [{"\\u005f_proto__": 1}]}')).toMatch(/__proto__/);
    expect(await graphs('{"nodes": [{"title": "__proto__"}]}')).toHaveProperty("workflow");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("of other kinds are named", async () => {
    expect(await refusal()).toBe("The file is empty.");
    expect(await refusal("GIF89a")).toMatch(/^This is a GIF/);
    expect(await refusal(be32(24), "ftypavif")).toMatch(/^This is a video or AVIF/);
    expect(await refusal("PK\x03\x04")).toMatch(/^This is a ZIP/);
    expect(await refusal("<svg>")).toMatch(/SVG/);
    expect(await refusal("MZ")).toMatch(/no kind of file/);
  });

  it("never give more than graphs or one sentence, whatever their bytes", async () => {
    const seeds = [
      png(chunk("tEXt", bytes(`prompt\0${prompt}`))),
      png(chunk("zTXt", bytes("workflow\0\0", await deflated(bytes(workflow))))),
      webp(["EXIF", exif({ 272: `prompt:${prompt}` })]),
      bytes("\xff\xd8\xff\xe1\0\x10Exif\0\0II*\0"),
      safetensors(JSON.stringify({ __metadata__: { prompt } })),
      bytes(prompt),
    ];
    const changed = fc
      .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 8 }), fc.nat(400))
      .map(([seed, changes, end]) => {
        const copy = seed.slice(0, Math.max(end, 12));
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
        return copy;
      });
    const any = fc.oneof(
      changed,
      fc.uint8Array({ maxLength: 200 }).map((data) => bytes(data)),
    );
    await fc.assert(
      fc.asyncProperty(any, async (data) => {
        const outcome = await carriedBy(new Blob([data])).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(Unreadable);
        else expect(Object.keys((outcome as { graphs: object }).graphs).length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 400 },
    );
  });
});
