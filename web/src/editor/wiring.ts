/** The wire in the hand: where it comes from, and which sockets would take it. */
import { create } from "zustand";
import type { Canvas } from "../graph/document";
import { reaches } from "../graph/edits/links";
import type { Json } from "../graph/json";
import { fits } from "../graph/sockets";
import type { Side } from "./names";

export interface WireEnd {
  readonly node: string;
  readonly side: Side;
  /** xyflow's id of the socket. */
  readonly socket: string;
  readonly type: Json;
}

interface Wiring {
  readonly from: WireEnd | null;
  /** The wire that was picked up at its end, if it is no new one. */
  readonly picked: number | null;
  /** Nodes that a wire would make a circle with. */
  readonly barred: ReadonlySet<string>;
}

const NONE: Wiring = { from: null, picked: null, barred: new Set() };

export const useWiring = create<Wiring>(() => NONE);

export function takeWire(canvas: Canvas, from: WireEnd): void {
  useWiring.setState({ from, barred: barredFor(canvas, from) });
}

export function pickWire(link: number | null): void {
  useWiring.setState({ picked: link });
}

export function dropWire(): void {
  useWiring.setState(NONE);
}

/** Nodes before the one a wire leaves, or behind the one it enters, and that node itself. */
export function barredFor(canvas: Canvas, from: Pick<WireEnd, "node" | "side">): Set<string> {
  const circular = (id: string) =>
    from.side === "output" ? reaches(canvas, id, from.node) : reaches(canvas, from.node, id);
  return new Set([...canvas.nodes.keys()].filter(circular));
}

/** Whether a socket would take the wire in the hand. */
export function wouldTake(wiring: Wiring, node: string, side: Side, type: Json): boolean {
  const { from, barred } = wiring;
  if (!from || from.side === side || barred.has(node) || node === from.node) return false;
  return side === "input" ? fits(from.type, type) : fits(type, from.type);
}

/** `from` for the socket that the wire in the hand comes from. */
export function partIn({ from }: Wiring, node: string, socket: string): "from" | "" {
  return from?.node === node && from.socket === socket ? "from" : "";
}
