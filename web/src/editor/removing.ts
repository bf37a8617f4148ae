/** Taking away whatever is selected: nodes, wires, their points, frames. */
import type { Canvas } from "../graph/document";
import { removeGroup } from "../graph/edits/groups";
import { disconnect } from "../graph/edits/links";
import { removeNodes } from "../graph/edits/nodes";
import { removeReroute } from "../graph/edits/reroutes";
import { GROUP, LINK, numbersIn, POINT } from "./names";

/** The canvas without what is selected; with `heal`, wires lead around the nodes that go. */
export function withoutSelected(canvas: Canvas, selection: ReadonlySet<string>, heal = false): Canvas {
  const ids = [...selection].filter((name) => canvas.nodes.has(name));
  const groups = numbersIn(selection, GROUP).toSorted((left, right) => right - left);
  const bare = removeNodes(disconnect(canvas, ...numbersIn(selection, LINK)), ids, { heal });
  return groups.reduce(removeGroup, numbersIn(selection, POINT).reduce(removeReroute, bare));
}
