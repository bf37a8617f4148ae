import { describe, expect, it } from "vitest";
import { readCatalogue } from "./catalogue";
import { type Category, categoryTree } from "./categories";

const TREE = categoryTree(
  readCatalogue({
    B: { category: "latent/inpaint", display_name: "B" },
    A: { category: "latent", display_name: "A" },
    T: { category: "_for_testing", display_name: "T" },
    Z: { category: "zebra", display_name: "Z" },
    R: { category: "", display_name: "R" },
  }).values(),
);

function names(category: Category): string[] {
  return category.inner.map(({ name }) => name);
}

describe("the tree of categories", () => {
  it("stands in the order of names, with what is for trying out last", () => {
    expect(names(TREE)).toEqual(["latent", "zebra", "_for_testing"]);
    expect(TREE.nodes.map(({ name }) => name)).toEqual(["R"]);
  });

  it("counts what is in a category and below", () => {
    const latent = TREE.inner[0];
    expect([latent?.count, latent && names(latent), TREE.count]).toEqual([2, ["inpaint"], 5]);
    expect(latent?.inner[0]?.nodes.map(({ name }) => name)).toEqual(["B"]);
  });
});
