/** All canvases of a document in their places: its own, and the inside of every instance of a subgraph. */
import { type Canvas, type Document, type GraphNode, MODE, SUBGRAPH_OUTPUT, type Subgraph } from "./document";

const MAX_NODES = 1_000_000;
const MAX_NESTING = 64;

/** One canvas in its place. */
export interface OpenScope {
  readonly canvas: Canvas;
  /** What the ids of its nodes begin with in a prompt: `12:` inside node 12. */
  readonly prefix: string;
  /** The canvas that the instance stands on, the instance, and its definition; undefined for the document's own. */
  readonly around: { readonly scope: OpenScope; readonly instance: GraphNode; readonly subgraph: Subgraph } | undefined;
  /** The instance's mode, if it or one around it does not run; else 0. */
  readonly mode: number;
  /** The insides of the instances that stand on it, by `String(id)`. */
  readonly children: Map<string, OpenScope>;
  /** The subgraphs that this is inside of. */
  readonly definitions: readonly string[];
}

/** A document that cannot be laid open: a subgraph contains itself, or there would be no end of nodes. */
export class Endless extends Error {
  constructor(
    readonly kind: "itself" | "deep" | "large",
    /** What a prompt would call the instance. */
    readonly nodeId: string,
    readonly title: string,
  ) {
    super(kind);
  }
}

/** What a prompt calls a node. */
export function idIn(scope: OpenScope, node: GraphNode): string {
  return `${scope.prefix}${node.id}`;
}

/** A node's mode; inside what does not run, nothing runs. */
export function modeIn(scope: OpenScope, node: GraphNode): number {
  return scope.mode || node.mode;
}

export function isOff(mode: number): boolean {
  return mode === MODE.muted || mode === MODE.bypassed;
}

/**
 * Lay all subgraphs open, the document's own canvas first.
 *
 * @throws Endless when a subgraph contains itself, or there would be too many nodes.
 */
export function openScopes(document: Document): readonly OpenScope[] {
  const scopes: OpenScope[] = [open(document.canvas)];
  let total = 0;
  for (const scope of scopes) {
    // grows while it is walked
    total += scope.canvas.nodes.size;
    if (total > MAX_NODES) throw new Endless("large", scope.prefix.slice(0, -1), scope.around?.instance.title ?? "");
    for (const [id, node] of scope.canvas.nodes) {
      const subgraph = document.subgraphs.get(node.type);
      if (subgraph) scope.children.set(id, inside(scope, node, subgraph));
    }
    for (const child of scope.children.values()) scopes.push(child);
  }
  return scopes;
}

function open(canvas: Canvas): OpenScope {
  return { canvas, prefix: "", around: undefined, mode: 0, children: new Map(), definitions: [] };
}

function inside(scope: OpenScope, instance: GraphNode, subgraph: Subgraph): OpenScope {
  const refused = (kind: "itself" | "deep") => new Endless(kind, idIn(scope, instance), instance.title ?? "");
  if (scope.definitions.includes(subgraph.id)) throw refused("itself");
  if (scope.definitions.length >= MAX_NESTING) throw refused("deep");
  const mode = modeIn(scope, instance);
  return {
    ...open(subgraph.canvas),
    prefix: `${idIn(scope, instance)}:`,
    around: { scope, instance, subgraph },
    mode: isOff(mode) ? mode : 0,
    definitions: [...scope.definitions, subgraph.id],
  };
}

const known = new WeakMap<Canvas, ReadonlyMap<number, number>>();

/** The wire into an output of the subgraph of which this canvas is the inside. */
export function linkIntoOutput(canvas: Canvas, slot: number): number | undefined {
  const found = known.get(canvas) ?? linksIntoOutputs(canvas);
  known.set(canvas, found);
  return found.get(slot);
}

function linksIntoOutputs(canvas: Canvas): ReadonlyMap<number, number> {
  const links = [...canvas.links.values()].filter((link) => link.target === SUBGRAPH_OUTPUT);
  return new Map(links.map((link) => [link.targetSlot, link.id]));
}
