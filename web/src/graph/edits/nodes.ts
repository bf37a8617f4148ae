/** Nodes: adding, removing, and what is changed of one without touching wires. */
import { type Canvas, type GraphNode, type Link, MODE, type NodeId, nodeOf, type Point, type Size } from "../document";
import type { Json } from "../json";
import { disconnect, healed } from "./links";
import { nextNodeId, settled } from "./settle";

/** A node that is not on a canvas yet. */
export type NewNode = Omit<GraphNode, "id">;

/** Put a node on the canvas and return it too, with the id that it got. */
export function addNode(canvas: Canvas, node: NewNode): { canvas: Canvas; node: GraphNode } {
  const id = nextNodeId(canvas);
  const added = { ...node, id };
  return { canvas: { ...canvas, nodes: new Map(canvas.nodes).set(String(id), added), lastNodeId: id }, node: added };
}

/** Take nodes away with their wires. With `heal`, wires lead around them as far as types allow. */
export function removeNodes(canvas: Canvas, ids: Iterable<NodeId>, { heal = false } = {}): Canvas {
  const gone = [...ids].map((id) => nodeOf(canvas, id)).filter((node) => node !== undefined);
  if (gone.length === 0) return canvas;
  const around = heal
    ? gone.reduce((changed, node) => healed(changed, nodeOf(changed, node.id) ?? node), canvas)
    : canvas;
  const names = new Set(gone.map((node) => String(node.id)));
  const cut = [...around.links.values()].filter(
    (link) => names.has(String(link.origin)) || names.has(String(link.target)),
  );
  const without = disconnect(around, ...cut.map((link) => link.id));
  return { ...without, nodes: new Map([...without.nodes].filter(([id]) => !names.has(id))) };
}

/** Change some fields of a node; the canvas stays the same where nothing differs. */
export function patchNode(canvas: Canvas, id: NodeId, patch: Partial<GraphNode>): Canvas {
  const node = nodeOf(canvas, id);
  if (!node || Object.entries(patch).every(([key, value]) => node[key as keyof GraphNode] === value)) return canvas;
  return { ...canvas, nodes: new Map(canvas.nodes).set(String(node.id), { ...node, ...patch }) };
}

/** Change several nodes by one rule. */
export function patchNodes(
  canvas: Canvas,
  ids: Iterable<NodeId>,
  patch: (node: GraphNode) => Partial<GraphNode>,
): Canvas {
  return [...ids].reduce<Canvas>((changed, id) => {
    const node = nodeOf(changed, id);
    return node ? patchNode(changed, id, patch(node)) : changed;
  }, canvas);
}

export function moveNodes(canvas: Canvas, places: ReadonlyMap<string, Point>): Canvas {
  return patchNodes(canvas, places.keys(), (node) => {
    const [x, y] = places.get(String(node.id)) ?? node.pos;
    return x === node.pos[0] && y === node.pos[1] ? {} : { pos: [x, y] };
  });
}

export function resizeNode(canvas: Canvas, id: NodeId, size: Size, pos?: Point): Canvas {
  return patchNode(canvas, id, pos ? { size, pos } : { size });
}

/** Give nodes a mode; where all have it already they run again, so that one key mutes and unmutes. */
export function toggleMode(canvas: Canvas, ids: readonly NodeId[], mode: number): Canvas {
  const all = ids.every((id) => nodeOf(canvas, id)?.mode === mode);
  return patchNodes(canvas, ids, () => ({ mode: all ? MODE.always : mode }));
}

export function setTitle(canvas: Canvas, id: NodeId, title: string): Canvas {
  const node = nodeOf(canvas, id);
  if (!node) return canvas;
  const { title: _, ...untitled } = node;
  if (title) return patchNode(canvas, id, { title });
  return node.title === undefined ? canvas : { ...canvas, nodes: new Map(canvas.nodes).set(String(id), untitled) };
}

/** Give nodes a colour, of the title bar and of the card; undefined takes it away. */
export function setColor(
  canvas: Canvas,
  ids: Iterable<NodeId>,
  colors: { color: string; bgcolor: string } | undefined,
): Canvas {
  const nodes = new Map(canvas.nodes);
  for (const id of ids) {
    const node = nodes.get(String(id));
    if (!node) continue;
    const { color: _, bgcolor: __, ...plain } = node;
    nodes.set(String(id), { ...plain, ...colors });
  }
  return { ...canvas, nodes };
}

export function toggleCollapsed(canvas: Canvas, ids: readonly NodeId[]): Canvas {
  const all = ids.every((id) => nodeOf(canvas, id)?.collapsed);
  return patchNodes(canvas, ids, () => ({ collapsed: !all }));
}

export function setProperty(canvas: Canvas, id: NodeId, name: string, value: Json): Canvas {
  const node = nodeOf(canvas, id);
  return node ? patchNode(canvas, id, { properties: { ...node.properties, [name]: value } }) : canvas;
}

/** Put other slots in place of a node's, for nodes whose slots come and go; wires follow their slot's name. */
export function replaceSlots(canvas: Canvas, id: NodeId, slots: Pick<GraphNode, "inputs" | "outputs">): Canvas {
  const node = nodeOf(canvas, id);
  if (!node) return canvas;
  const moved = (before: readonly { name: string }[], after: readonly { name: string }[], slot: number) =>
    after.findIndex(({ name }) => name === before[slot]?.name);
  const links = [...canvas.links.values()].map((link): Link => {
    const targetSlot = link.target === node.id ? moved(node.inputs, slots.inputs, link.targetSlot) : link.targetSlot;
    const originSlot = link.origin === node.id ? moved(node.outputs, slots.outputs, link.originSlot) : link.originSlot;
    return targetSlot === link.targetSlot && originSlot === link.originSlot
      ? link
      : { ...link, targetSlot, originSlot };
  });
  const left = links
    .filter((link) => link.targetSlot >= 0 && link.originSlot >= 0)
    .map((link) => [link.id, link] as const);
  return settled({
    ...canvas,
    links: new Map(left),
    nodes: new Map(canvas.nodes).set(String(id), { ...node, ...slots }),
  });
}
