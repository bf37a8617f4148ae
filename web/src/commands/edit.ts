/** Commands that change the document. */
import { activeTab, redoEdit, undoEdit } from "../store/tabs";
import type { Command } from "./command";

export const EDIT: readonly Command[] = [
  {
    id: "edit.undo",
    title: "command.undo",
    keys: ["Ctrl+Z"],
    enabled: () => activeTab().history.past.length > 0,
    run: undoEdit,
  },
  {
    id: "edit.redo",
    title: "command.redo",
    keys: ["Ctrl+Y", "Ctrl+Shift+Z"],
    enabled: () => activeTab().history.future.length > 0,
    run: redoEdit,
  },
];
