import fc from "fast-check";
import { describe, expect, it } from "vitest";
import entries from "../../../tests/fixtures/editor/search_catalogue.json";
import pairs from "../../../tests/fixtures/editor/search_queries.json";
import { type Catalogue, readCatalogue } from "./catalogue";
import { search } from "./search";
import { indexOf } from "./searchIndex";
import { distance, lettersOf, marked, wordsOf } from "./wordMatch";

const CATALOGUE = readCatalogue(entries);
const INDEX = indexOf(CATALOGUE.values());

function names(query: string, options = {}): string[] {
  return search(INDEX, query, options).map((hit) => hit.definition.name);
}

function rankOf(query: string, node: string): number {
  return names(query).indexOf(node) + 1;
}

describe("what people type", () => {
  it(`finds the node that is meant: mean reciprocal rank over ${pairs.length} queries`, () => {
    const ranks = pairs.map(({ query, node }) => rankOf(query, node));
    const mrr = ranks.reduce((sum, rank) => sum + (rank ? 1 / rank : 0), 0) / ranks.length;
    const missed = pairs.filter((_, at) => ranks[at] !== 1).map(({ query }) => `${query}: ${names(query).slice(0, 3)}`);
    console.info(`MRR ${mrr.toFixed(3)} over ${pairs.length} queries; not first:\n${missed.join("\n")}`);
    expect(pairs.length).toBeGreaterThanOrEqual(100);
    expect(mrr).toBeGreaterThanOrEqual(0.9);
  });

  it("finds beginnings of words in any order", () => {
    expect(names("conc cond")[0]).toBe("ConditioningConcat");
    expect(names("cond conc")[0]).toBe("ConditioningConcat");
  });

  it("finds every node first by its class, but for one whose title it is", () => {
    for (const { name } of CATALOGUE.values()) {
      const first = search(INDEX, name)[0]?.definition;
      expect([first?.name, lettersOf(first?.title ?? "")]).toContain(first?.name === name ? name : lettersOf(name));
    }
  });

  it("wants every word of the query", () => {
    expect(names("load zebra")).toEqual([]);
  });
});

describe("filters", () => {
  it("asks for the types of sockets by their beginnings", () => {
    const found = search(INDEX, "in:image out:lat").map((hit) => hit.definition);
    expect(found.map(({ name }) => name)).toContain("VAEEncode");
    for (const { inputs, outputs } of found) {
      expect(inputs.some(({ type }) => type.startsWith("IMAGE"))).toBe(true);
      expect(outputs.some(({ type }) => String(type).startsWith("LATENT"))).toBe(true);
    }
  });

  it("shows for a wire only nodes that take it, those of its very type first", () => {
    const found = search(INDEX, "", { from: { type: "LATENT", side: "output" }, limit: 400 });
    const wanting = found.map(({ definition }) => definition.inputs.map(({ type }) => type));
    expect(wanting.every((types) => types.includes("LATENT") || types.includes("*"))).toBe(true);
    expect(wanting[0]).toContain("LATENT");
    expect(found.map(({ definition }) => definition.name)).not.toContain("CLIPTextEncode");
  });

  it("shows for an input only nodes that give what it takes", () => {
    const found = names("", { from: { type: "VAE", side: "input" } });
    expect(found).toContain("VAELoader");
    expect(found).not.toContain("KSampler");
  });
});

describe("the order", () => {
  it("puts what is used above its like, but not above what was named", () => {
    const habits = { uses: { KSamplerAdvanced: 500 }, favourites: [] };
    expect(names("samp", { habits })[0]).toBe("KSamplerAdvanced");
    expect(names("ksampler", { habits })[0]).toBe("KSampler");
  });

  it("gives favourites and what is used where nothing was typed", () => {
    const habits = { uses: { VAEDecode: 3 }, favourites: ["SaveImage"] };
    expect(names("", { habits }).slice(0, 2)).toEqual(["SaveImage", "VAEDecode"]);
  });

  it("puts deprecated and experimental nodes below their like", () => {
    const apply = names("apply controlnet");
    expect(apply.indexOf("ControlNetApply")).toBeGreaterThan(apply.indexOf("ControlNetApplyAdvanced"));
    const [old, fresh] = [{ deprecated: true }, {}].map((more) => ({ display_name: "Same", ...more }));
    const two = indexOf(readCatalogue({ a_old: old, b_new: fresh }).values());
    expect(search(two, "same").map((hit) => hit.definition.name)).toEqual(["b_new", "a_old"]);
  });
});

describe("words", () => {
  it("are cut where small letters meet large ones, and where something else stands between", () => {
    expect(wordsOf("KSampler (Advanced)")).toEqual(["ksampler", "advanced", "k", "sampler"]);
    expect(wordsOf("SamplerDPMPP_2M_SDE")).toContain("2m");
  });

  it("are marked in a title at the beginning of a word if they can be", () => {
    expect(marked("Load Image", ["im"])).toEqual([
      { text: "Load ", hit: false },
      { text: "Im", hit: true },
      { text: "age", hit: false },
    ]);
    fc.assert(
      fc.property(
        fc.string(),
        (title) =>
          marked(title, ["a", "b"])
            .map((piece) => piece.text)
            .join("") === title,
      ),
    );
  });

  it("are as far apart as the slips that lead from one to the other", () => {
    expect(distance("sampler", "sampelr")).toBe(1);
    expect(distance("kitten", "sitting")).toBe(3);
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => distance(a, b) === distance(b, a)));
  });

  it("never break the search, whatever is typed", () => {
    fc.assert(fc.property(fc.string(), (text) => search(INDEX, text).length <= 50));
  });
});

describe("five thousand nodes", () => {
  it("are searched while a finger is on its key; the figure is printed, a clock is no judge", () => {
    const many = indexOf(fiveThousand().values());
    const queries = ["k", "conc cond", "load image", "sampelr", "in:IMAGE up", "pack 37 vae"];
    const times = queries.map((query) => timed(() => search(many, query)));
    const told = queries.map((query, at) => `${JSON.stringify(query)} ${times[at]?.toFixed(1)} ms`).join(", ");
    console.info(`${many.entries.length} nodes, ${many.words.size} words: ${told}`);
    expect(search(many, "conc cond 19")[0]?.definition.title).toBe("Conditioning (Concat) 19");
  });
});

function fiveThousand(): Catalogue {
  const kinds = Object.entries(entries);
  const made = Array.from({ length: 5000 }, (_, at) => {
    const [name, info] = kinds[at % kinds.length] ?? ["", {}];
    const title = `${"display_name" in info ? info.display_name : name} ${Math.floor(at / kinds.length)}`;
    return [
      `${name}Pack${at}`,
      { ...info, display_name: title, python_module: `custom_nodes.pack_${at % 97}` },
    ] as const;
  });
  return readCatalogue(Object.fromEntries(made));
}

/** The middle of nine times in milliseconds. */
function timed(work: () => unknown): number {
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[4] ?? 0;
}
