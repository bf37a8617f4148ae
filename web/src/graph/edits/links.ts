/** Wires: each input takes one, each output gives any number. */
import { type Canvas, type GraphNode, type Link, MODE, type NodeId, nodeOf } from "../document";
import { fits } from "../sockets";
import { chain, nextLinkId, settled } from "./settle";

/** One end of a wire: a node and the index of its slot. */
export interface End {
  readonly node: NodeId;
  readonly slot: number;
}

/** Whether a wire from an output may enter an input: the types fit and no wire would lead in a circle. */
export function canConnect(canvas: Canvas, from: End, to: End): boolean {
  const output = nodeOf(canvas, from.node)?.outputs[from.slot];
  const input = nodeOf(canvas, to.node)?.inputs[to.slot];
  return !!output && !!input && fits(output.type, input.type) && !reaches(canvas, to.node, from.node);
}

/** Whether wires lead from one node to another, which is also true of a node and itself. */
export function reaches(canvas: Canvas, from: NodeId, to: NodeId): boolean {
  const next = outgoing(canvas);
  const seen = new Set<string>();
  const waiting = [String(from)];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === String(to)) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...(next.get(id) ?? []));
  }
  return false;
}

function outgoing(canvas: Canvas): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const link of canvas.links.values()) {
    const targets = found.get(String(link.origin));
    if (targets) targets.push(String(link.target));
    else found.set(String(link.origin), [String(link.target)]);
  }
  return found;
}

/** Lay a wire; the one that was in the input gives way. A wire that may not be changes nothing. */
export function connect(canvas: Canvas, from: End, to: End): Canvas {
  if (!canConnect(canvas, from, to)) return canvas;
  const before = linkInto(canvas, to);
  if (before && String(before.origin) === String(from.node) && before.originSlot === from.slot) return canvas;
  const links = new Map(canvas.links);
  if (before) links.delete(before.id);
  const id = nextLinkId(canvas);
  const [source, target] = [nodeOf(canvas, from.node), nodeOf(canvas, to.node)];
  const type = source?.outputs[from.slot]?.type ?? "*";
  // The ids as the nodes have them: the caller may know a number as a text.
  const ends = {
    origin: source?.id ?? from.node,
    originSlot: from.slot,
    target: target?.id ?? to.node,
    targetSlot: to.slot,
  };
  links.set(id, { id, ...ends, type, raw: null });
  return tidied({ ...canvas, links, lastLinkId: id });
}

export function disconnect(canvas: Canvas, ...ids: readonly number[]): Canvas {
  const gone = ids.filter((id) => canvas.links.has(id));
  if (gone.length === 0) return canvas;
  const links = new Map(canvas.links);
  for (const id of gone) links.delete(id);
  return tidied({ ...canvas, links });
}

/** Lay one end of a wire elsewhere; where it may not be, nothing changes. */
export function reconnect(canvas: Canvas, id: number, ends: { readonly from?: End; readonly to?: End }): Canvas {
  const link = canvas.links.get(id);
  if (!link) return canvas;
  const from = ends.from ?? { node: link.origin, slot: link.originSlot };
  const to = ends.to ?? { node: link.target, slot: link.targetSlot };
  const without = disconnect(canvas, id);
  return canConnect(without, from, to) ? connect(without, from, to) : canvas;
}

export function linkInto(canvas: Canvas, to: End): Link | undefined {
  const link = nodeOf(canvas, to.node)?.inputs[to.slot]?.link;
  return link === null || link === undefined ? undefined : canvas.links.get(link);
}

/**
 * Wires that lead around a node when it goes: each of its outputs is fed by the input of the same type, as a bypass
 * would do it.
 */
export function healed(canvas: Canvas, node: GraphNode): Canvas {
  let changed = canvas;
  for (const link of [...canvas.links.values()].filter((found) => found.origin === node.id)) {
    const source = sourceFor(canvas, node, link);
    if (!source) continue;
    const to = { node: link.target, slot: link.targetSlot };
    changed = connect(disconnect(changed, link.id), { node: source.origin, slot: source.originSlot }, to);
  }
  return changed;
}

/** The wire that a bypass of the node would let through to one of its outputs. */
export function sourceFor(canvas: Canvas, node: GraphNode, link: Link): Link | undefined {
  const type = node.outputs[link.originSlot]?.type ?? link.type;
  const inputs = node.inputs.filter((slot) => slot.link !== null && fits(slot.type, type));
  const sameSlot = node.inputs[link.originSlot];
  const chosen =
    sameSlot && inputs.includes(sameSlot) ? sameSlot : (inputs.find((slot) => slot.type === type) ?? inputs[0]);
  return chosen?.link === null || chosen?.link === undefined ? undefined : canvas.links.get(chosen.link);
}

export function isOff(node: GraphNode): boolean {
  return node.mode === MODE.muted || node.mode === MODE.bypassed;
}

/** The canvas without the reroute points that no wire goes through any more. */
function tidied(canvas: Canvas): Canvas {
  if (canvas.reroutes.size === 0) return settled(canvas);
  const used = new Set([...canvas.links.values()].flatMap((link) => chain(link, canvas.reroutes)));
  return settled({ ...canvas, reroutes: new Map([...canvas.reroutes].filter(([, point]) => used.has(point))) });
}
