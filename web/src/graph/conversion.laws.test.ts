/** Laws of conversion: to and fro without change, nothing throws, long chains without recursion, every digit kept. */
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import text from "../../../tests/fixtures/conversion_cases.json?raw";
import { readCatalogue } from "./catalogue";
import type { Document } from "./document";
import { drawPrompt } from "./drawing";
import { moveNodes } from "./edits/nodes";
import { asObject, isObject, type Json, type JsonObject, parseJson, writeJson } from "./json";
import { toPrompt } from "./prompt";
import { BadDocument, readDocument } from "./reading";
import { writeDocument } from "./writing";

vi.setConfig({ testTimeout: 60_000 }); // many documents, on machines that do other things too

const infos = asObject(asObject(parseJson(text)).object_info);
const catalogue = readCatalogue(infos);
/** Without those that have a field without a default: its place in a list is taken by null, which then is a value. */
const CLASSES = Object.keys(infos).filter((name) => !["ControlNetLoader", "Fetch"].includes(name));
const KINDS = [...CLASSES, "Foreign", "Reroute", "Reroute", "PrimitiveNode", "Note", "inner"];
const TYPES = ["MODEL", "CLIP", "COND", "LATENT", "*", "INT", "latent,IMAGE"];

const value = fc.oneof(
  fc.constantFrom<Json>(null, true, 7, 2.5, 2n ** 64n - 1n, "heun", "fixed", "one.safetensors", "{a|b} c", "a.png"),
  fc.array(fc.nat(3), { maxLength: 3 }),
);

const node = fc.record({
  type: fc.constantFrom(...KINDS),
  mode: fc.constantFrom(0, 0, 0, 2, 4),
  widgets_values: fc.oneof(
    fc.array(value, { maxLength: 7 }),
    fc.dictionary(fc.constantFrom("seed", "width", "x"), value),
  ),
  title: fc.constantFrom("", "Mine"),
  outputs: fc.array(fc.record({ name: fc.constant("o"), type: fc.constantFrom(...TYPES) }), { maxLength: 3 }),
});

interface Wire {
  readonly from: number;
  readonly slot: number;
  readonly to: number;
  readonly name: string;
  readonly isWidget: boolean;
  readonly type: string;
}

const wire: fc.Arbitrary<Wire> = fc.record({
  from: fc.nat(9),
  slot: fc.nat(3),
  to: fc.nat(9),
  name: fc.constantFrom("model", "clip", "width", "text", "images", "positive", "in"),
  isWidget: fc.boolean(),
  type: fc.constantFrom(...TYPES),
});

/** A canvas whose wires lead to what is there; in a subgraph some come from its inputs. */
const canvas = (isInside: boolean) =>
  fc.tuple(fc.array(node, { minLength: 1, maxLength: 7 }), fc.array(wire, { maxLength: 12 })).map(([nodes, wires]) => {
    const kept = nodes.map((item, id) => ({ ...item, id, inputs: [] as JsonObject[] }));
    const usable = isInside
      ? kept.map((item) => ({ ...item, type: item.type === "inner" ? "Foreign" : item.type }))
      : kept;
    const links = wires.flatMap(({ from, slot, to, name, isWidget, type }, index) => {
      const target = usable[to % usable.length];
      if (!target || target.inputs.some((input) => input.name === name)) return [];
      target.inputs.push({ name, type, link: index, ...(isWidget ? { widget: { name } } : {}) });
      const origin = isInside && from > 6 ? -10 : from % usable.length;
      const link = { id: index, origin_id: origin, origin_slot: slot, target_id: target.id };
      return [{ ...link, target_slot: target.inputs.length - 1, type }];
    });
    return { nodes: usable, links };
  });

const document: fc.Arbitrary<JsonObject> = fc.tuple(canvas(false), canvas(true)).map(([own, inside]) => {
  const inputs = ["width", "in"].map((name) => ({ id: name, name, type: "*" }));
  const out = { id: 99, origin_id: 0, origin_slot: 0, target_id: -20, target_slot: 0, type: "*" };
  const inner = { ...inside, id: "inner", name: "Inner", inputs, outputs: [], links: [...inside.links, out] };
  return { ...own, version: 1, definitions: { subgraphs: [inner] } };
});

function prompt(of: Document): Json {
  const circumstances = { choose: (choices: readonly string[]) => choices.at(-1) ?? "", now: new Date(0) };
  return toPrompt(of, catalogue, circumstances).prompt as unknown as Json;
}

/** The document after it was saved and opened. */
function reopened(of: Document): Document {
  return readDocument(parseJson(writeJson(writeDocument(of))));
}

describe("a document that became a prompt", () => {
  it("becomes a document of the same prompt, in which fields that lost their wire have their defaults", () => {
    fc.assert(
      fc.property(document, (data) => {
        const first = prompt(readDocument(data));
        fc.pre(Object.keys(asObject(first)).length > 0);
        const second = prompt(reopened(drawPrompt(first, catalogue)));
        expect(second).toMatchObject(first as JsonObject);
        expect(Object.keys(asObject(second))).toEqual(Object.keys(asObject(first)));
        expect(prompt(reopened(drawPrompt(second, catalogue)))).toEqual(second);
      }),
      { numRuns: 100 },
    );
  });
});

describe("whatever is opened", () => {
  const mostly = <T>(good: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: fc.jsonValue() });
  const id = fc.oneof(fc.nat(5), fc.constantFrom("1", "constructor", "__proto__", "x"));
  const slot = mostly(
    fc.record(
      {
        name: mostly(fc.constantFrom("width", "text", "images", "constructor")),
        type: mostly(fc.constantFrom(...TYPES)),
        link: mostly(fc.nat(9)),
        widget: mostly(fc.record({ name: mostly(fc.constantFrom("width", "seed")) })),
      },
      { requiredKeys: [] },
    ),
  );
  const slots = mostly(fc.array(slot, { maxLength: 3 }));
  const values = fc.oneof(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.dictionary(fc.string(), fc.jsonValue()));
  const wild = fc.record(
    {
      id,
      type: fc.constantFrom(...KINDS, "s"),
      mode: mostly(fc.constantFrom(0, 2, 4)),
      inputs: slots,
      outputs: slots,
      widgets_values: mostly(values),
      properties: mostly(fc.record({ "ldm_nodes inputs": mostly(fc.dictionary(fc.string(), fc.jsonValue())) })),
      title: mostly(fc.string()),
    },
    { requiredKeys: ["id", "type"] },
  );
  const place = fc.integer({ min: -1, max: 3 });
  const link = fc.tuple(fc.nat(9), id, place, id, place, mostly(fc.constantFrom(...TYPES)));
  const sheet = {
    nodes: fc.uniqueArray(wild, { maxLength: 5, selector: (item) => String(item.id) }),
    links: fc.uniqueArray(link, { maxLength: 9, selector: ([number]) => number }),
  };
  const subgraph = fc.record({ ...sheet, id: fc.constantFrom("s", "inner"), inputs: slots });
  const subgraphs = mostly(fc.uniqueArray(subgraph, { maxLength: 2, selector: (item) => item.id }));
  const anything = fc.record({ ...sheet, definitions: mostly(fc.record({ subgraphs })) });

  it("is refused in one sentence, or converted and saved without complaint", () => {
    let accepted = 0;
    fc.assert(
      fc.property(anything, (data) => {
        const opened = openedOrRefused(parseJson(JSON.stringify(data)));
        if (!opened) return;
        accepted += 1;
        const made = toPrompt(opened, catalogue);
        expect(prompt(reopened(opened))).toEqual(prompt(opened));
        if (Object.keys(made.prompt).length > 0) drawPrompt(made.prompt, catalogue);
      }),
      { numRuns: 200 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it("is refused or drawn if it is a prompt", () => {
    const inputs = mostly(
      fc.dictionary(fc.constantFrom("width", "seed", "text", "x", "__proto__"), mostly(fc.tuple(id, fc.nat(3)))),
    );
    const entry = mostly(
      fc.record(
        {
          class_type: mostly(fc.constantFrom(...KINDS)),
          inputs,
          _meta: mostly(fc.record({ title: mostly(fc.string()) })),
        },
        { requiredKeys: ["class_type"] },
      ),
    );
    fc.assert(
      fc.property(
        fc.dictionary(mostly(fc.constantFrom("1", "2", "3:4")).map(written), entry, { minKeys: 1 }),
        (data) => {
          const isGood = Object.values(data).every((item) => isObject(item) && typeof item.class_type === "string");
          if (isGood) expect(Object.keys(asObject(prompt(drawPrompt(data, catalogue))))).not.toBeUndefined();
          else expect(() => drawPrompt(data, catalogue)).toThrow(BadDocument);
        },
      ),
      { numRuns: 150 },
    );
  });

  /** Objects have no text of their own where they have a `toString` that is none. */
  function written(key: unknown): string {
    return typeof key === "string" ? key : JSON.stringify(key);
  }

  function openedOrRefused(data: Json): Document | undefined {
    try {
      return readDocument(data);
    } catch (error) {
      expect(error).toBeInstanceOf(BadDocument);
      return undefined;
    }
  }
});

describe("a chain of many nodes", () => {
  /** Nodes of one kind in a row between an empty latent and a file. */
  function chain(kind: string, count: number, mode = 0): JsonObject {
    const input = (link: number) => [{ name: "first", type: "LATENT", link }];
    const between = Array.from({ length: count }, (_, index) => ({
      id: index + 1,
      type: kind,
      mode,
      inputs: input(index),
      outputs: [{ name: "LATENT", type: "LATENT", links: [index + 1] }],
    }));
    const last = { id: count + 1, type: "SaveImage", inputs: [{ name: "images", type: "LATENT", link: count }] };
    const links = Array.from({ length: count + 1 }, (_, index) => [index, index, 0, index + 1, 0, "LATENT"]);
    return { nodes: [{ id: 0, type: "Empty", widgets_values: [64, 64, 1] }, ...between, last], links };
  }

  it.each([
    ["Blend", 0, "19999"],
    ["Blend", 4, "0"],
    ["Reroute", 0, "0"],
  ])("%s in mode %d is followed without recursion", (kind, mode, origin) => {
    const made = asObject(prompt(readDocument(chain(kind, 19999, mode))));
    expect(asObject(asObject(made["20000"]).inputs).images).toEqual([origin, 0]);
  });

  it("is drawn in as many columns", () => {
    const drawn = drawPrompt(prompt(readDocument(chain("Blend", 5000))), catalogue);
    expect(new Set([...drawn.canvas.nodes.values()].map(({ pos }) => pos[0])).size).toBe(5002);
  });
});

describe("a seed that JavaScript has no number for", () => {
  it("stays, to the last digit, while something else is edited, saved and run", () => {
    const seeds = ["18446744073709551615", "9007199254740993", "-9223372036854775807"];
    const nodes = seeds.map(
      (seed, id) =>
        `{"id": ${id}, "type": "Sample", "pos": [0, 0], "widgets_values": [${seed}, "fixed", 20, 8.5, "heun", 1]}`,
    );
    const opened = readDocument(parseJson(`{"nodes": [${nodes.join()}], "links": [], "version": 0.4}`));
    const edited = {
      ...opened,
      canvas: moveNodes(opened.canvas, new Map(seeds.map((_, id) => [String(id), [id * 10, 5]]))),
    };
    for (const seed of seeds) {
      expect(writeJson(writeDocument(edited))).toContain(`[${seed},"fixed"`);
      expect(writeJson(toPrompt(edited, catalogue).prompt)).toContain(`"seed":${seed},`);
      expect(writeJson(prompt(reopened(drawPrompt(prompt(edited), catalogue))))).toContain(`"seed":${seed},`);
    }
  });
});
