/** Commands that change the document. */
import { withoutSelected } from "../editor/removing";
import { MODE } from "../graph/document";
import { addGroup, frameOf } from "../graph/edits/groups";
import { toggleCollapsed, toggleMode } from "../graph/edits/nodes";
import { activeCanvas, activeTab, edit, redoEdit, select, undoEdit } from "../store/tabs";
import { t } from "../words";
import type { Command } from "./command";
import { asSeen } from "./seen";
import { hasAnything, hasNodes, hasSelection, selectedNodes } from "./selected";

const OF_SELECTION = { enabled: hasSelection, why: "why.selection" } as const;

export const EDIT: readonly Command[] = [
  {
    id: "edit.undo",
    title: "command.undo",
    keys: ["Ctrl+Z"],
    enabled: () => activeTab().history.past.length > 0,
    why: "why.undo",
    repeats: true,
    run: undoEdit,
  },
  {
    id: "edit.redo",
    title: "command.redo",
    keys: ["Ctrl+Y", "Ctrl+Shift+Z"],
    enabled: () => activeTab().history.future.length > 0,
    why: "why.redo",
    repeats: true,
    run: redoEdit,
  },
  {
    id: "edit.delete",
    title: "command.delete",
    keys: ["Delete", "Backspace"],
    onCanvas: true,
    enabled: hasAnything,
    why: "why.selection",
    run: () => edit(t("command.delete"), (canvas) => withoutSelected(canvas, activeTab().selection)),
  },
  {
    id: "edit.dissolve",
    title: "command.dissolve",
    keys: ["Ctrl+Delete", "Ctrl+Backspace"],
    onCanvas: true,
    ...OF_SELECTION,
    run: () => edit(t("command.dissolve"), (canvas) => withoutSelected(canvas, activeTab().selection, true)),
  },
  {
    id: "edit.selectAll",
    title: "command.selectAll",
    keys: ["Ctrl+A"],
    onCanvas: true,
    enabled: hasNodes,
    why: "why.nodes",
    run: () => select(activeCanvas().nodes.keys()),
  },
  {
    id: "edit.selectNone",
    title: "command.selectNone",
    keys: ["Escape"],
    onCanvas: true,
    run: () => select([]),
  },
  {
    id: "edit.mute",
    title: "command.mute",
    keys: ["M"],
    ...OF_SELECTION,
    run: () => edit(t("command.mute"), (canvas) => toggleMode(canvas, selectedNodes(), MODE.muted)),
  },
  {
    id: "edit.bypass",
    title: "command.bypass",
    keys: ["B"],
    ...OF_SELECTION,
    run: () => edit(t("command.bypass"), (canvas) => toggleMode(canvas, selectedNodes(), MODE.bypassed)),
  },
  {
    id: "edit.collapse",
    title: "command.collapse",
    keys: ["Alt+C"],
    ...OF_SELECTION,
    run: () => edit(t("command.collapse"), (canvas) => toggleCollapsed(canvas, selectedNodes())),
  },
  { id: "edit.group", title: "command.group", keys: ["G"], ...OF_SELECTION, run: frameSelection },
];

function frameSelection(): void {
  edit(t("command.group"), (canvas) => {
    const seen = asSeen(canvas).nodes;
    const nodes = selectedNodes().flatMap((id) => seen.get(String(id)) ?? []);
    const frame = frameOf(nodes);
    return frame ? addGroup(canvas, { title: t("group.title"), ...frame }) : canvas;
  });
}
