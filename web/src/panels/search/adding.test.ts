import { beforeEach, describe, expect, it } from "vitest";
import entries from "../../../../tests/fixtures/editor/search_catalogue.json";
import { readCatalogue } from "../../graph/catalogue";
import type { GraphNode } from "../../graph/document";
import { useHabits } from "../../store/habits";
import { activeCanvas, activeTab, newTab, undoEdit, useTabs } from "../../store/tabs";
import { addChosen } from "./adding";
import { ownNodes } from "./ownNodes";

const CATALOGUE = readCatalogue(entries);

function definition(name: string) {
  const found = [...CATALOGUE.values(), ...ownNodes(new Map())].find((one) => one.name === name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
}

function node(id: string): GraphNode {
  const found = activeCanvas().nodes.get(id);
  if (!found) throw new Error(`There is no node ${id}.`);
  return found;
}

function wires(): unknown[] {
  return [...activeCanvas().links.values()].map(({ origin, originSlot, target, targetSlot }) => [
    [origin, originSlot],
    [target, targetSlot],
  ]);
}

beforeEach(() => {
  const tab = newTab("test");
  useTabs.setState({ tabs: [tab], active: tab.id });
  useHabits.setState({ uses: {}, favourites: [] });
});

describe("a node that was chosen", () => {
  it("is added, selected and counted, as one entry of the undo list", () => {
    const id = addChosen(definition("KSampler"), { position: [10, 20] });
    expect(node(id).pos).toEqual([10, 20]);
    expect(activeTab().selection).toEqual(new Set([id]));
    expect(useHabits.getState().uses).toEqual({ KSampler: 1 });
    undoEdit();
    expect(activeCanvas().nodes.size).toBe(0);
  });

  it("does not hide another one", () => {
    const places = Array.from({ length: 5 }, () => node(addChosen(definition("VAEDecode"))).pos.join());
    expect(new Set(places).size).toBe(5);
  });

  it("has the values that it was chosen with", () => {
    const id = addChosen(definition("SaveImage"), { values: { filename_prefix: "mine" } });
    expect(node(id).values).toEqual(["mine"]);
  });

  it("is wired to the first socket of the very type, behind or before", () => {
    const loader = Number(addChosen(definition("CheckpointLoaderSimple")));
    addChosen(definition("VAEDecode"), { from: { node: loader, slot: 2, side: "output", type: "VAE" } });
    expect(wires()).toEqual([
      [
        [loader, 2],
        [loader + 1, 1],
      ],
    ]);
    addChosen(definition("KSampler"), { from: { node: loader + 1, slot: 0, side: "input", type: "LATENT" } });
    expect(wires()).toContainEqual([
      [loader + 2, 0],
      [loader + 1, 0],
    ]);
  });

  it("may be one that no server knows", () => {
    const note = addChosen(definition("MarkdownNote"));
    const reroute = addChosen(definition("Reroute"), { from: { node: note, slot: 0, side: "output", type: "IMAGE" } });
    expect([node(note).type, node(reroute).outputs[0]?.type]).toEqual(["MarkdownNote", "IMAGE"]);
  });
});
