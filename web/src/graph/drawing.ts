/**
 * From a prompt to a document: every node with its sockets and fields, in columns.
 *
 * What the editor has no place for (a constant where its class has only a socket, or no input at all) is kept among the
 * node's properties, and `promptInputs.ts` takes it from there again. The Python side is `engine/drawing.py`.
 */
import { t } from "../words";
import type { Catalogue } from "./catalogue";
import { inColumns } from "./columns";
import type { Document, NodeId, Point } from "./document";
import {
  type Drawn,
  drawnNode,
  isRealSlot,
  keptInputs,
  numbered,
  type Shape,
  shapeOf,
  sizeOf,
  valuesOf,
} from "./drawnNode";
import { asObject, asText, type JsonObject } from "./json";
import { isPrompt, KEPT } from "./promptValues";
import { BadDocument, readDocument } from "./reading";

/** A wire of the document, with the node that it enters. */
type Wire = readonly [id: number, origin: NodeId, slot: number, target: NodeId, targetSlot: number, type: string];

/**
 * The document, in version 0.4, from which the same prompt can be made.
 *
 * @param catalogue knows the node classes; nodes of other classes keep their values by name.
 * @throws BadDocument where it is no prompt.
 */
export function drawPrompt(prompt: unknown, catalogue: Catalogue): Document {
  if (!isPrompt(prompt)) throw new BadDocument(t("document.notPrompt"));
  return readDocument(drawnJson(prompt, catalogue));
}

/** The document as JSON. */
export function drawnJson(prompt: Readonly<Record<string, JsonObject>>, catalogue: Catalogue): JsonObject {
  const drawn = draw(prompt, catalogue);
  const wires = wiresOf(drawn);
  const sizes = new Map([...drawn].map(([id, item]) => [id, sizeOf(item)]));
  const places = inColumns(sizes, wiresBetween(drawn));
  const byPlace = [...drawn.keys()].sort((one, other) => compare(places.get(one), places.get(other)));
  const orders = new Map(byPlace.map((id, order) => [id, order]));
  const nodes = [...drawn.values()].map((item) => {
    const look = { pos: places.get(item.id) ?? [0, 0], size: sizeOf(item), flags: {} };
    return nodeJson(item, wires, { ...look, order: orders.get(item.id) ?? 0 });
  });
  const numbers = nodes.map(({ id }) => (typeof id === "number" ? id : 0));
  return {
    last_node_id: numbers.reduce((highest, id) => Math.max(highest, id), 0),
    last_link_id: wires.all.length,
    nodes,
    links: wires.all,
    groups: [],
    config: {},
    extra: {},
    version: 0.4,
  };
}

function draw(prompt: Readonly<Record<string, JsonObject>>, catalogue: Catalogue): Map<string, Drawn> {
  const used = usedOutputs(prompt);
  const shapes = new Map<string, Shape>();
  return new Map(
    Object.entries(prompt).map(([id, node]) => {
      const type = asText(node.class_type);
      const shape = shapes.get(type) ?? shapeOf(catalogue.get(type));
      shapes.set(type, shape);
      return [id, drawnNode(id, type, node, shape, used.get(id) ?? 0)];
    }),
  );
}

/** How many outputs of every node wires speak of. */
function usedOutputs(prompt: Readonly<Record<string, JsonObject>>): Map<string, number> {
  const used = new Map<string, number>();
  for (const node of Object.values(prompt)) {
    for (const value of Object.values(asObject(node.inputs))) {
      if (isRealSlot(value)) used.set(value[0], Math.max(used.get(value[0]) ?? 0, value[1] + 1));
    }
  }
  return used;
}

/** The wires of a node that come from an output there is, by the input that they enter. */
function realLinks(item: Drawn, drawn: ReadonlyMap<string, Drawn>): Map<string, readonly [string, number]> {
  const links = new Map<string, readonly [string, number]>();
  for (const [name, value] of Object.entries(item.given)) {
    if (isRealSlot(value) && drawn.has(value[0])) links.set(name, value);
  }
  return links;
}

function wiresBetween(drawn: ReadonlyMap<string, Drawn>): [string, string][] {
  return [...drawn.values()].flatMap((item) =>
    [...realLinks(item, drawn).values()].map(([origin]): [string, string] => [origin, item.id]),
  );
}

interface Wires {
  readonly all: readonly Wire[];
  /** By the node and the input that they enter. */
  readonly into: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** By the node and the output that they leave. */
  readonly from: ReadonlyMap<string, ReadonlyMap<number, readonly number[]>>;
}

function wiresOf(drawn: ReadonlyMap<string, Drawn>): Wires {
  const all: Wire[] = [];
  const into = new Map<string, Map<string, number>>();
  const from = new Map<string, Map<number, number[]>>();
  for (const item of drawn.values()) {
    const real = realLinks(item, drawn);
    const entered = new Map<string, number>();
    into.set(item.id, entered);
    for (const [index, { name }] of item.sockets.entries()) {
      const link = real.get(name);
      if (!link) continue;
      const [origin, slot] = link;
      const made = drawn.get(origin)?.outputs[slot]?.type ?? "*";
      all.push([all.length + 1, numbered(origin), slot, numbered(item.id), index, made]);
      entered.set(name, all.length);
      const left = from.get(origin) ?? new Map<number, number[]>();
      from.set(origin, left.set(slot, [...(left.get(slot) ?? []), all.length]));
    }
  }
  return { all, into, from };
}

function nodeJson(item: Drawn, wires: Wires, look: JsonObject): JsonObject {
  const { id, type, title, shape } = item;
  const entered = wires.into.get(id);
  const left = wires.from.get(id);
  const kept = keptInputs(item, entered);
  const isOwnTitle = title !== "" && title !== (shape.definition?.title ?? type);
  const values = valuesOf(item);
  return {
    id: numbered(id),
    type,
    ...look,
    mode: 0,
    inputs: item.sockets.map(({ widget, ...socket }) => ({
      ...socket,
      link: entered?.get(socket.name as string) ?? null,
      ...(widget === undefined ? {} : { widget }),
    })),
    outputs: item.outputs.map((output, slot) => {
      const links = left?.get(slot);
      return links ? { ...output, links } : output;
    }),
    ...(isOwnTitle ? { title } : {}),
    properties: { "Node name for S&R": type, ...(Object.keys(kept).length > 0 ? { [KEPT]: kept } : {}) },
    ...(values === undefined ? {} : { widgets_values: values }),
  };
}

function compare(one: Point = [0, 0], other: Point = [0, 0]): number {
  return one[0] - other[0] || one[1] - other[1];
}
