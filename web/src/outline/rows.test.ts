import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../graph/catalogue";
import { drawPrompt } from "../graph/drawing";
import { collapse } from "../graph/edits/collapse";
import { inOrder } from "../graph/order";
import { randomDocument } from "../graph/testing";
import { moveFor, rowsOf } from "./rows";

const CATALOGUE = readCatalogue({
  Load: { input: { required: { name: ["STRING", {}] } }, output: ["MODEL", "VAE"], output_name: ["MODEL", "VAE"] },
  Sample: { input: { required: { model: ["MODEL"], steps: ["INT", { default: 20 }] } }, output: ["LATENT"] },
  Decode: { input: { required: { samples: ["LATENT"], vae: ["VAE"] } }, output: ["IMAGE"] },
});
const DOCUMENT = drawPrompt(
  {
    "3": { class_type: "Decode", inputs: { samples: ["2", 0], vae: ["1", 1] } },
    "2": { class_type: "Sample", inputs: { model: ["1", 0], steps: 4 } },
    "1": { class_type: "Load", inputs: { name: "a" } },
  },
  CATALOGUE,
);

function told(open: readonly string[], document = DOCUMENT): string[] {
  return rowsOf(document, new Set(open)).map(({ key, level, place, count }) => `${level} ${key} ${place}/${count}`);
}

describe("the outline", () => {
  it("has the nodes in the order in which they run", () => {
    expect(told([])).toEqual(["1 1 1/3", "1 2 2/3", "1 3 3/3"]);
  });

  it("has sockets under their node, but not those of fields", () => {
    expect(told(["2"])).toEqual(["1 1 1/3", "1 2 2/3", "2 2/input-0 1/2", "2 2/output-0 2/2", "1 3 3/3"]);
  });

  it("has the inside of subgraphs in them", () => {
    const made = collapse(DOCUMENT, [], [1, 2], "Both");
    const id = made?.id ?? "";
    const rows = rowsOf(made?.document ?? DOCUMENT, new Set([id]));
    const inside = rows.filter(({ kind, level }) => kind === "node" && level === 2);
    expect(inside.map(({ key, node }) => [key.startsWith(`${id}:`), node.type])).toEqual([
      [true, "Load"],
      [true, "Sample"],
    ]);
    expect(rows.filter(({ level }) => level === 1).map(({ node }) => node.type)).toEqual([
      rows[0]?.node.type,
      "Decode",
    ]);
  });

  it("moves as ARIA's tree does", () => {
    const rows = rowsOf(DOCUMENT, new Set(["2"]));
    expect(moveFor("ArrowRight", rows, 0)).toEqual({ open: true });
    expect(moveFor("ArrowRight", rows, 1)).toEqual({ to: "2/input-0" });
    expect(moveFor("ArrowLeft", rows, 3)).toEqual({ to: "2" });
    expect(moveFor("ArrowLeft", rows, 1)).toEqual({ open: false });
    expect(moveFor("End", rows, 0)).toEqual({ to: "3" });
    expect([moveFor("ArrowUp", rows, 0), moveFor("ArrowDown", rows, 4), moveFor("x", rows, 0)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("the order in which nodes run", () => {
  it("has every node once, and what a node needs before it unless it runs in a circle", () => {
    fc.assert(
      fc.property(randomDocument, ({ canvas }) => {
        const order = inOrder(canvas).map(({ id }) => String(id));
        expect(order.toSorted()).toEqual([...canvas.nodes.keys()].toSorted());
        const at = new Map(order.map((id, index) => [id, index]));
        const place = (id: string | number) => at.get(String(id)) ?? -1;
        const back = [...canvas.links.values()].filter(
          ({ origin, target }) => at.has(String(target)) && place(origin) > place(target),
        );
        for (const { target } of back) expect(isInCircle(canvas, String(target))).toBe(true);
      }),
    );
  });
});

/** Whether a node needs itself, or something that does. */
function isInCircle(
  { links }: { links: ReadonlyMap<number, { origin: unknown; target: unknown }> },
  from: string,
): boolean {
  const needs = (id: string) =>
    [...links.values()].filter(({ target }) => String(target) === id).map(({ origin }) => String(origin));
  const reach = (id: string) => {
    const seen = new Set<string>();
    const open = needs(id);
    for (const next of open) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...needs(next));
    }
    return seen;
  };
  return [from, ...reach(from)].some((id) => reach(id).has(id));
}
