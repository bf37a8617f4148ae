/** The canvas with nodes as large as they are on the screen, which the document need not know. */
import type { Canvas } from "../graph/document";
import { stage } from "../store/stage";

export function asSeen(canvas: Canvas): Canvas {
  const nodes = [...canvas.nodes].map(
    ([id, node]) => [id, { ...node, size: stage().sizeOf(id) ?? node.size }] as const,
  );
  return { ...canvas, nodes: new Map(nodes) };
}
