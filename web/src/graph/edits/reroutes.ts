/** Points that wires are led through. They mean nothing to a run. */
import type { Canvas, Point } from "../document";
import { chain, nextRerouteId, settled } from "./settle";

/**
 * Put a point on a wire.
 *
 * @param before the point after which it comes, seen from the origin; undefined puts it first, at the origin's side.
 */
export function addReroute(canvas: Canvas, linkId: number, pos: Point, before?: number): Canvas {
  const link = canvas.links.get(linkId);
  if (!link) return canvas;
  const id = nextRerouteId(canvas);
  const points = chain(link, canvas.reroutes);
  const next = points.find((point) => point.parent === before);
  const reroutes = new Map(canvas.reroutes);
  reroutes.set(id, { id, pos, linkIds: [], raw: {}, ...(before === undefined ? {} : { parent: before }) });
  const grown = { ...canvas, reroutes, lastRerouteId: id };
  if (next) {
    reroutes.set(next.id, { ...next, parent: id });
    return settled(grown);
  }
  return settled({ ...grown, links: new Map(canvas.links).set(linkId, { ...link, parent: id }) });
}

export function moveReroute(canvas: Canvas, id: number, pos: Point): Canvas {
  const point = canvas.reroutes.get(id);
  if (!point || (point.pos[0] === pos[0] && point.pos[1] === pos[1])) return canvas;
  return { ...canvas, reroutes: new Map(canvas.reroutes).set(id, { ...point, pos }) };
}

/** Take a point away; its wires go straight on to the one before it. */
export function removeReroute(canvas: Canvas, id: number): Canvas {
  const gone = canvas.reroutes.get(id);
  if (!gone) return canvas;
  const led = <T extends { readonly parent?: number }>(part: T): T => {
    if (part.parent !== id) return part;
    const { parent: _, ...rest } = part;
    return (gone.parent === undefined ? rest : { ...rest, parent: gone.parent }) as T;
  };
  const links = new Map([...canvas.links].map(([key, link]) => [key, led(link)]));
  const others = [...canvas.reroutes].filter(([key]) => key !== id);
  return settled({ ...canvas, links, reroutes: new Map(others.map(([key, point]) => [key, led(point)])) });
}
