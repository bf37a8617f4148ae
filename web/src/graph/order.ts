/** The nodes of a canvas in the order in which they could run: what a node needs comes before it. */
import type { Canvas, GraphNode } from "./document";

/** Of nodes that need not wait for each other, the one that stands first in the document comes first. */
export function inOrder(canvas: Canvas): GraphNode[] {
  const waits = new Map([...canvas.nodes.keys()].map((id) => [id, 0]));
  const next = new Map<string, string[]>();
  for (const { origin, target } of canvas.links.values()) {
    const [from, to] = [String(origin), String(target)];
    if (!canvas.nodes.has(from) || !canvas.nodes.has(to)) continue;
    waits.set(to, (waits.get(to) ?? 0) + 1);
    next.set(from, [...(next.get(from) ?? []), to]);
  }
  const ready = [...canvas.nodes.keys()].filter((id) => waits.get(id) === 0);
  const order = new Set<string>();
  for (const id of ready) {
    order.add(id);
    for (const to of next.get(id) ?? []) {
      const left = (waits.get(to) ?? 0) - 1;
      waits.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  // What runs in a circle has no order; it comes last.
  return [...order, ...[...canvas.nodes.keys()].filter((id) => !order.has(id))].flatMap(
    (id) => canvas.nodes.get(id) ?? [],
  );
}
