/** Commands that copy nodes as text and put them in again; the keys are the browser's own (`editor/useClipboard.ts`). */
import { copyNodes, cutNodes, duplicateNodes, pasteFromClipboard } from "../editor/clipping";
import type { Command } from "./command";
import { hasSelection } from "./selected";

const OF_SELECTION = { enabled: hasSelection, why: "why.selection" } as const;

export const CLIPBOARD: readonly Command[] = [
  { id: "edit.copy", title: "command.copy", keys: ["Ctrl+C"], isNative: true, ...OF_SELECTION, run: copyNodes },
  { id: "edit.cut", title: "command.cut", keys: ["Ctrl+X"], isNative: true, ...OF_SELECTION, run: cutNodes },
  { id: "edit.paste", title: "command.paste", keys: ["Ctrl+V"], isNative: true, run: pasteFromClipboard },
  { id: "edit.duplicate", title: "command.duplicate", keys: ["Ctrl+D"], ...OF_SELECTION, run: duplicateNodes },
];
