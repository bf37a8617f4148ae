/**
 * The graph as the editor holds it: ComfyUI's workflow format as an immutable value.
 *
 * Nothing here is ever changed in place: an edit returns a new document that shares all that stayed the same, so undo
 * is a list of documents and "has it changed?" is `!==`. Every part keeps the JSON that it was read from as `raw`; the
 * writer puts into it only what has changed since (`reading.ts`, `writing.ts`), so that what the editor does not
 * understand is saved as it came. The Python side has the same types in `engine/canvas.py`.
 */
import type { Json, JsonObject } from "./json";

/** A number; a text where an API prompt or a legacy group named the node so. */
export type NodeId = number | string;

/** The way from the document's own canvas to an open subgraph: ids of instance nodes. Empty for the canvas itself. */
export type Scope = readonly string[];

export type Point = readonly [x: number, y: number];
export type Size = readonly [width: number, height: number];

/** The numbers of ComfyUI's node modes; any other number runs. */
export const MODE = { always: 0, muted: 2, bypassed: 4 } as const;

/** The nodes that stand inside a subgraph for its inputs and its outputs. */
export const SUBGRAPH_INPUT = -10;
export const SUBGRAPH_OUTPUT = -20;

/** Types that only the editor knows; a prompt never has them. */
export const NOTE_TYPES: ReadonlySet<string> = new Set(["Note", "MarkdownNote"]);
export const REROUTE = "Reroute";
export const PRIMITIVE = "PrimitiveNode";
export const EDITOR_ONLY: ReadonlySet<string> = new Set([...NOTE_TYPES, REROUTE, PRIMITIVE]);

export interface InputSlot {
  readonly name: string;
  /** A type name; a list of choices is kept as it was written. */
  readonly type: Json;
  readonly link: number | null;
  /** The widget that this socket replaces while a wire is in it. */
  readonly widget?: string;
  readonly raw: JsonObject;
}

export interface OutputSlot {
  readonly name: string;
  readonly type: Json;
  /** The wires that start here, or null as ComfyUI writes "none". */
  readonly links: readonly number[] | null;
  readonly raw: JsonObject;
}

export interface GraphNode {
  readonly id: NodeId;
  /** A class, an editor-only type, or the id of a subgraph. */
  readonly type: string;
  readonly pos: Point;
  readonly size: Size;
  readonly mode: number;
  readonly title?: string;
  readonly collapsed: boolean;
  readonly color?: string;
  readonly bgcolor?: string;
  readonly inputs: readonly InputSlot[];
  readonly outputs: readonly OutputSlot[];
  /** By position, as the format has it; of some packs by name; undefined where there are none. */
  readonly values: readonly Json[] | JsonObject | undefined;
  readonly properties: JsonObject;
  readonly raw: JsonObject;
}

export interface Link {
  readonly id: number;
  readonly origin: NodeId;
  readonly originSlot: number;
  readonly target: NodeId;
  readonly targetSlot: number;
  readonly type: Json;
  /** The last reroute point on its way. */
  readonly parent?: number;
  readonly raw: Json;
}

/** A point that wires are led through; it means nothing to a run. */
export interface Reroute {
  readonly id: number;
  readonly pos: Point;
  readonly parent?: number;
  readonly linkIds: readonly number[];
  readonly raw: JsonObject;
}

/** A coloured frame. */
export interface Group {
  readonly id?: number;
  readonly title: string;
  readonly pos: Point;
  readonly size: Size;
  readonly color?: string;
  readonly raw: JsonObject;
}

/** One sheet of nodes and wires. */
export interface Canvas {
  /** By `String(id)`, in the order of the text. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly links: ReadonlyMap<number, Link>;
  readonly groups: readonly Group[];
  readonly reroutes: ReadonlyMap<number, Reroute>;
  /** The highest ids given out, which are never given out again. */
  readonly lastNodeId: number;
  readonly lastLinkId: number;
  readonly lastGroupId: number;
  readonly lastRerouteId: number;
  readonly raw: JsonObject;
}

/** The definition of a node that is itself a canvas; any number of nodes may be instances of it. */
export interface Subgraph {
  readonly id: string;
  readonly name: string;
  /** As they were written: `id, name, type, linkIds, pos …`. */
  readonly inputs: readonly JsonObject[];
  readonly outputs: readonly JsonObject[];
  readonly canvas: Canvas;
  readonly raw: JsonObject;
}

export interface Document {
  readonly canvas: Canvas;
  /** By id, in the order of the text. */
  readonly subgraphs: ReadonlyMap<string, Subgraph>;
}

export const EMPTY_CANVAS: Canvas = {
  nodes: new Map(),
  links: new Map(),
  groups: [],
  reroutes: new Map(),
  lastNodeId: 0,
  lastLinkId: 0,
  lastGroupId: 0,
  lastRerouteId: 0,
  raw: {},
};

export const EMPTY_DOCUMENT: Document = { canvas: EMPTY_CANVAS, subgraphs: new Map() };

/** The subgraph whose inside a scope shows, or undefined for the document's own canvas or a scope that is gone. */
export function subgraphAt(document: Document, scope: Scope): Subgraph | undefined {
  let canvas = document.canvas;
  let found: Subgraph | undefined;
  for (const id of scope) {
    const node = canvas.nodes.get(id);
    found = node && document.subgraphs.get(node.type);
    if (!found) return undefined;
    canvas = found.canvas;
  }
  return found;
}

/** The canvas that a scope shows; the document's own where the scope is gone. */
export function canvasAt(document: Document, scope: Scope): Canvas {
  return subgraphAt(document, scope)?.canvas ?? document.canvas;
}

/** The document with another canvas at a scope. Every instance of that subgraph changes with it. */
export function withCanvas(document: Document, scope: Scope, canvas: Canvas): Document {
  const subgraph = subgraphAt(document, scope);
  if (!subgraph) return { ...document, canvas };
  const changed = truthful({ ...subgraph, canvas });
  return { ...document, subgraphs: new Map(document.subgraphs).set(subgraph.id, changed) };
}

/** The definition whose sockets tell the wires that there are. */
export function truthful(subgraph: Subgraph): Subgraph {
  const links = [...subgraph.canvas.links.values()];
  const inputs = kept(subgraph.inputs, (socket, index) =>
    telling(
      socket,
      links.filter((link) => link.origin === SUBGRAPH_INPUT && link.originSlot === index),
    ),
  );
  const outputs = kept(subgraph.outputs, (socket, index) =>
    telling(
      socket,
      links.filter((link) => link.target === SUBGRAPH_OUTPUT && link.targetSlot === index),
    ),
  );
  return inputs === subgraph.inputs && outputs === subgraph.outputs ? subgraph : { ...subgraph, inputs, outputs };
}

function telling(socket: JsonObject, links: readonly Link[]): JsonObject {
  const told = Array.isArray(socket.linkIds) ? socket.linkIds : [];
  const isTrue = told.length === links.length && links.every((link) => told.includes(link.id));
  return isTrue ? socket : { ...socket, linkIds: links.map((link) => link.id) };
}

/** A list with every item changed; the list itself where none was. */
export function kept<T>(items: readonly T[], change: (item: T, index: number) => T): readonly T[] {
  const changed = items.map(change);
  return changed.every((item, index) => item === items[index]) ? items : changed;
}

/** The name of a type in words: a list of choices is COMBO, what is empty or no type fits all. */
export function typeName(written: Json | undefined): string {
  if (Array.isArray(written)) return "COMBO";
  return typeof written === "string" && written ? written : "*";
}

export function nodeOf(canvas: Canvas, id: NodeId): GraphNode | undefined {
  return canvas.nodes.get(String(id));
}
