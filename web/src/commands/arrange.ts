/** Commands that put nodes in order: layers, lines, even gaps. */

import type { Canvas, NodeId, Point } from "../graph/document";
import { moveNodes } from "../graph/edits/nodes";
import { type Axis, aligned, distributed, layered, type Side } from "../graph/layout";
import { activeCanvas, edit } from "../store/tabs";
import { t, type Word } from "../words";
import type { Command } from "./command";
import { asSeen } from "./seen";
import { hasNodes, selectedNodes } from "./selected";

const hasSeveral = (count: number) => () => selectedNodes().length >= count;

export const ARRANGE: readonly Command[] = [
  {
    id: "edit.layout",
    title: "command.layout",
    keys: ["L"],
    enabled: hasNodes,
    why: "why.nodes",
    run: () => arrange("command.layout", layered, chosenOrAll()),
  },
  ...(["left", "center", "right", "top", "middle", "bottom"] as const).map(alignCommand),
  ...(["horizontal", "vertical"] as const).map(distributeCommand),
];

function alignCommand(side: Side): Command {
  const title = `command.align.${side}` as const;
  const run = () => arrange(title, (canvas, ids) => aligned(canvas, ids, side), selectedNodes());
  return { id: `edit.align.${side}`, title, enabled: hasSeveral(2), why: "why.several", run };
}

function distributeCommand(axis: Axis): Command {
  const title = `command.distribute.${axis}` as const;
  const run = () => arrange(title, (canvas, ids) => distributed(canvas, ids, axis), selectedNodes());
  return { id: `edit.distribute.${axis}`, title, enabled: hasSeveral(3), why: "why.several", run };
}

function chosenOrAll(): NodeId[] {
  const chosen = selectedNodes();
  return chosen.length > 1 ? chosen : [...activeCanvas().nodes.values()].map((node) => node.id);
}

/** Move nodes by a rule that is told how large they are on the screen, which the document need not know. */
function arrange(
  label: Word,
  rule: (canvas: Canvas, ids: readonly NodeId[]) => Map<string, Point>,
  ids: readonly NodeId[],
): void {
  edit(t(label), (canvas) => moveNodes(canvas, rule(asSeen(canvas), ids)));
}
