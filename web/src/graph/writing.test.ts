import { describe, expect, it } from "vitest";
import type { JsonObject } from "./json";
import { BadDocument, readDocument } from "./reading";
import { writeDocument } from "./writing";

const STRANGE: JsonObject = {
  id: "a",
  last_node_id: 9,
  last_link_id: 3,
  nodes: [
    {
      id: 4,
      type: "Unknown",
      pos: { "0": 10, "1": 20 },
      size: [200, 100],
      flags: { pinned: true },
      order: 0,
      mode: 0,
      outputs: [{ name: "A", type: "A", links: [3], shape: 3 }],
      widgets_values: [1, null, { deep: ["x"] }],
      own: true,
    },
    { id: "b:1", type: "Note", inputs: [{ name: "in", type: ["x", "y"], link: 3 }], widgets_values: ["text"] },
  ],
  links: [[3, 4, 0, "b:1", 0, "A"]],
  groups: [{ title: "G", bounding: [0, 0, 300, 200], color: "#3f789e", font_size: 24, flags: {} }],
  config: {},
  extra: {
    ds: { scale: 1 },
    reroutes: [{ id: 1, pos: [5, 5], linkIds: [3] }],
    linkExtensions: [{ id: 3, parentId: 1 }],
  },
  version: 0.4,
  models: [{ name: "m", url: "u", directory: "checkpoints" }],
};

describe("a document", () => {
  it("is written as it was read, what is not known too", () => {
    expect(JSON.stringify(writeDocument(readDocument(STRANGE)))).toBe(JSON.stringify(STRANGE));
  });

  it("has where its parts stand, in either spelling", () => {
    const { canvas } = readDocument(STRANGE);
    expect(canvas.nodes.get("4")?.pos).toEqual([10, 20]);
    expect(canvas.links.get(3)?.parent).toBe(1);
    expect(canvas.groups[0]?.size).toEqual([300, 200]);
  });

  it.each([
    [[], "no graph"],
    [{ nodes: {} }, "no graph"],
    [{ nodes: [3] }, "nodes[0]"],
    [{ nodes: [{ id: 1 }] }, "node 1"],
    [
      {
        nodes: [
          { id: 1, type: "A" },
          { id: "1", type: "B" },
        ],
      },
      "twice",
    ],
    [{ nodes: [], links: [[1, 2]] }, "links[0]"],
  ])("of a wrong form is refused in a sentence: %j", (data, words) => {
    expect(() => readDocument(data)).toThrow(BadDocument);
    expect(() => readDocument(data)).toThrow(words);
  });
});
