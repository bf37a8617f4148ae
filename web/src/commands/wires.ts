/** Commands about wires and about the tools of the canvas. */
import { focusedSocket } from "../editor/focus";
import { disconnect } from "../graph/edits/links";
import { activeCanvas, edit } from "../store/tabs";
import { openDialog } from "../store/ui";
import { type Tool, useView } from "../store/view";
import { t, type Word } from "../words";
import type { Command } from "./command";
import { hasSelection, selectedNodes } from "./selected";

export const WIRES: readonly Command[] = [
  {
    id: "edit.connect",
    title: "command.connect",
    keys: ["C"],
    enabled: () => selectedNodes().length === 1 || focusedSocket() !== undefined,
    why: "why.one",
    run: () => openDialog("connect", focusedSocket() ?? { node: String(selectedNodes()[0]) }),
  },
  {
    id: "edit.disconnectAll",
    title: "command.disconnectAll",
    enabled: hasSelection,
    why: "why.selection",
    run: disconnectSelected,
  },
];

export const TOOLS: readonly Command[] = [
  toolCommand("pan", "command.tool.pan", "H"),
  toolCommand("box", "command.tool.box", "V"),
  toolCommand("lasso", "command.tool.lasso", "Shift+V"),
  {
    id: "view.snap",
    title: "command.snap",
    keys: ["Shift+G"],
    checked: () => useView.getState().snap,
    run: () => useView.setState((view) => ({ snap: !view.snap })),
  },
  {
    id: "view.minimap",
    title: "command.minimap",
    keys: ["Shift+M"],
    checked: () => useView.getState().minimap,
    run: () => useView.setState((view) => ({ minimap: !view.minimap })),
  },
];

function toolCommand(tool: Tool, title: Word, key: string): Command {
  return {
    id: `view.tool.${tool}`,
    title,
    keys: [key],
    checked: () => useView.getState().tool === tool,
    run: () => useView.setState({ tool }),
  };
}

function disconnectSelected(): void {
  const chosen = new Set(selectedNodes().map(String));
  const links = [...activeCanvas().links.values()].filter(
    ({ origin, target }) => chosen.has(String(origin)) || chosen.has(String(target)),
  );
  edit(t("command.disconnectAll"), (canvas) => disconnect(canvas, ...links.map((link) => link.id)));
}
