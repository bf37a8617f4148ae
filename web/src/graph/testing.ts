/** Random documents and random edits, for the tests of laws. */
import fc from "fast-check";
import { type Canvas, type Document, EMPTY_DOCUMENT, type GraphNode, MODE, withCanvas } from "./document";
import { addGroup, moveGroup, patchGroup, removeGroup } from "./edits/groups";
import { connect, disconnect } from "./edits/links";
import {
  addNode,
  moveNodes,
  type NewNode,
  patchNode,
  removeNodes,
  setColor,
  setTitle,
  toggleMode,
} from "./edits/nodes";
import { addReroute, moveReroute, removeReroute } from "./edits/reroutes";

const TYPES = ["MODEL", "LATENT", "IMAGE", "*", "INT"] as const;
const type = fc.constantFrom(...TYPES);

export const newNode: fc.Arbitrary<NewNode> = fc
  .record({
    inputs: fc.array(type, { maxLength: 4 }),
    outputs: fc.array(type, { maxLength: 3 }),
    kind: fc.nat(5),
    at: fc.tuple(fc.nat(2000), fc.nat(2000)),
  })
  .map(({ inputs, outputs, kind, at }) => ({
    type: `Class${kind}`,
    pos: at,
    size: [240, 120],
    mode: 0,
    collapsed: false,
    inputs: inputs.map((type, index) => ({ name: `in${index}`, type, link: null, raw: {} })),
    outputs: outputs.map((type, index) => ({ name: `out${index}`, type, links: [], raw: {} })),
    values: [kind],
    properties: {},
    raw: {},
  }));

/** An edit of a canvas, and how it reads in a failing test. */
export interface RandomEdit {
  readonly name: string;
  readonly apply: (canvas: Canvas) => Canvas;
}

const n = fc.nat(1000);

export const randomEdit: fc.Arbitrary<RandomEdit> = fc.oneof(
  newNode.map((node) => named("add", (canvas) => addNode(canvas, node).canvas)),
  fc.tuple(n, n, n, n).map(([a, b, c, d]) =>
    named("connect", (canvas) => {
      const [from, to] = [pick(canvas.nodes, a), pick(canvas.nodes, b)];
      return from && to ? connect(canvas, { node: from.id, slot: c % 3 }, { node: to.id, slot: d % 4 }) : canvas;
    }),
  ),
  n.map((a) => named("disconnect", (canvas) => disconnect(canvas, pick(canvas.links, a)?.id ?? -1))),
  fc
    .tuple(n, fc.boolean())
    .map(([a, heal]) => named("remove", (canvas) => removeNodes(canvas, ids(canvas, a), { heal }))),
  fc
    .tuple(n, n)
    .map(([a, b]) => named("move", (canvas) => moveNodes(canvas, new Map(ids(canvas, a).map((id) => [id, [b, a]]))))),
  fc
    .tuple(n, fc.constantFrom(MODE.muted, MODE.bypassed))
    .map(([a, mode]) => named("mode", (canvas) => toggleMode(canvas, ids(canvas, a), mode))),
  fc
    .tuple(n, fc.string())
    .map(([a, text]) => named("title", (canvas) => setTitle(canvas, pick(canvas.nodes, a)?.id ?? "", text))),
  fc
    .tuple(n, fc.boolean())
    .map(([a, on]) =>
      named("color", (canvas) => setColor(canvas, ids(canvas, a), on ? { color: "#111", bgcolor: "#222" } : undefined)),
    ),
  fc
    .tuple(n, fc.nat())
    .map(([a, value]) =>
      named("value", (canvas) => patchNode(canvas, pick(canvas.nodes, a)?.id ?? "", { values: [value] })),
    ),
  fc
    .tuple(n, n)
    .map(([a, b]) => named("group", (canvas) => addGroup(canvas, { title: "G", pos: [a, b], size: [400, 300] }))),
  fc
    .tuple(n, n, n)
    .map(([a, b, c]) => named("move group", (canvas) => moveGroup(canvas, a % (canvas.groups.length || 1), [b, c]))),
  fc
    .tuple(n, fc.string())
    .map(([a, title]) =>
      named("rename group", (canvas) => patchGroup(canvas, a % (canvas.groups.length || 1), { title })),
    ),
  n.map((a) => named("remove group", (canvas) => removeGroup(canvas, a % (canvas.groups.length || 1)))),
  fc
    .tuple(n, n)
    .map(([a, b]) => named("reroute", (canvas) => addReroute(canvas, pick(canvas.links, a)?.id ?? -1, [a, b]))),
  fc
    .tuple(n, n)
    .map(([a, b]) =>
      named("move reroute", (canvas) => moveReroute(canvas, pick(canvas.reroutes, a)?.id ?? -1, [a, b])),
    ),
  n.map((a) => named("remove reroute", (canvas) => removeReroute(canvas, pick(canvas.reroutes, a)?.id ?? -1))),
);

export const randomDocument: fc.Arbitrary<Document> = fc
  .array(randomEdit, { maxLength: 60, size: "max" })
  .map((edits) =>
    withCanvas(
      EMPTY_DOCUMENT,
      [],
      edits.reduce((canvas, edit) => edit.apply(canvas), EMPTY_DOCUMENT.canvas),
    ),
  );

function named(name: string, apply: RandomEdit["apply"]): RandomEdit {
  return { name, apply };
}

function pick<K, V>(map: ReadonlyMap<K, V>, index: number): V | undefined {
  return [...map.values()][index % (map.size || 1)];
}

/** A few nodes, chosen by a number. */
function ids(canvas: Canvas, choice: number): string[] {
  return [...canvas.nodes.values()]
    .filter((_: GraphNode, index) => (choice >> (index % 9)) % 3 === 1)
    .map((node) => String(node.id));
}
