/** Which wires a node could have: the rows of "Connect to …". No React. */
import type { Canvas, GraphNode } from "../graph/document";
import type { End } from "../graph/edits/links";
import type { Json } from "../graph/json";
import { fits } from "../graph/sockets";
import type { Side } from "./names";
import { barredFor } from "./wiring";

export interface Possible {
  readonly side: Side;
  /** The socket of the node itself. */
  readonly own: string;
  readonly type: Json;
  readonly other: GraphNode;
  readonly socket: string;
  readonly from: End;
  readonly to: End;
  /** A wire there would have to give way. */
  readonly taken: boolean;
}

/** All wires that a node, or one of its sockets, could have with others: free sockets first, then the nearest. */
export function possibleWires(canvas: Canvas, node: GraphNode, side?: Side, slot?: number): Possible[] {
  const inputs = side === "output" ? [] : into(canvas, node, slot);
  const outputs = side === "input" ? [] : outOf(canvas, node, slot);
  const far = ({ other }: Possible) => Math.hypot(other.pos[0] - node.pos[0], other.pos[1] - node.pos[1]);
  const rank = (wire: Possible) => (wire.taken ? 1e9 : 0) + far(wire);
  return [...inputs, ...outputs].toSorted((left, right) => rank(left) - rank(right));
}

function outOf(canvas: Canvas, node: GraphNode, only?: number): Possible[] {
  const barred = barredFor(canvas, { node: String(node.id), side: "output" });
  return pairs(node.outputs, only).flatMap(({ slot: output, index }) =>
    others(canvas, node, barred).flatMap((other) =>
      other.inputs.flatMap((input, slot) => {
        if (!fits(output.type, input.type)) return [];
        const ends = { from: { node: node.id, slot: index }, to: { node: other.id, slot } };
        const taken = input.link !== null || input.widget !== undefined;
        return [
          { side: "output", own: output.name, type: output.type, other, socket: input.name, taken, ...ends } as const,
        ];
      }),
    ),
  );
}

function into(canvas: Canvas, node: GraphNode, only?: number): Possible[] {
  const barred = barredFor(canvas, { node: String(node.id), side: "input" });
  return pairs(node.inputs, only).flatMap(({ slot: input, index }) =>
    others(canvas, node, barred).flatMap((other) =>
      other.outputs.flatMap((output, slot) => {
        if (!fits(output.type, input.type)) return [];
        const ends = { from: { node: other.id, slot }, to: { node: node.id, slot: index } };
        const taken = input.link !== null || input.widget !== undefined;
        return [
          { side: "input", own: input.name, type: input.type, other, socket: output.name, taken, ...ends } as const,
        ];
      }),
    ),
  );
}

function pairs<T>(slots: readonly T[], only: number | undefined): { slot: T; index: number }[] {
  return slots.map((slot, index) => ({ slot, index })).filter(({ index }) => only === undefined || index === only);
}

function others(canvas: Canvas, node: GraphNode, barred: ReadonlySet<string>): GraphNode[] {
  return [...canvas.nodes.values()].filter((other) => other !== node && !barred.has(String(other.id)));
}
