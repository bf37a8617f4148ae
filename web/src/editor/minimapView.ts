/** The geometry of the minimap. No React. */
import type { FlowNode } from "./flow";

export const MAP = { width: 200, height: 140, margin: 8 } as const;

/** How canvas places become places of the map: `place * scale + shift`. */
export interface MapView {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function boxOf(node: FlowNode): Box {
  const { width = 0, height = 0 } = node.width && node.height ? node : (node.measured ?? {});
  return { ...node.position, width, height };
}

/** All boxes in the middle of the map, as large as it has room. */
export function mapView(boxes: readonly Box[]): MapView {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.width);
    bottom = Math.max(bottom, box.y + box.height);
  }
  if (left > right) return { scale: 0.05, x: MAP.width / 2, y: MAP.height / 2 };
  const [width, height] = [right - left, bottom - top];
  const room = [(MAP.width - 2 * MAP.margin) / width, (MAP.height - 2 * MAP.margin) / height, 0.2];
  const scale = Math.min(...room);
  return {
    scale,
    x: (MAP.width - width * scale) / 2 - left * scale,
    y: (MAP.height - height * scale) / 2 - top * scale,
  };
}

/** What is seen of the canvas, as a box of the map. */
export function seenBox(view: MapView, [tx, ty, zoom]: readonly number[], width: number, height: number): Box {
  const [x = 0, y = 0, z = 1] = [tx, ty, zoom];
  const scale = view.scale / z;
  return { x: view.x - x * scale, y: view.y - y * scale, width: width * scale, height: height * scale };
}
