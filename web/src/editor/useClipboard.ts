/** Ctrl+C, X and V on the canvas: the browser's events, which need no permission. */
import { useEffect } from "react";
import { hasSelection } from "../commands/selected";
import { pasteable } from "../graph/clipboard";
import { pasteText, removeSelected, selectedText } from "./clipping";

export function useClipboard(): void {
  useEffect(() => {
    document.addEventListener("copy", copy);
    document.addEventListener("cut", cut);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", cut);
      document.removeEventListener("paste", paste);
    };
  }, []);
}

function copy(event: ClipboardEvent): boolean {
  if (event.defaultPrevented || !isOurs(event) || !hasSelection() || hasText()) return false;
  event.clipboardData?.setData("text/plain", selectedText());
  event.preventDefault();
  return true;
}

function cut(event: ClipboardEvent): void {
  if (copy(event)) removeSelected();
}

function paste(event: ClipboardEvent): void {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (event.defaultPrevented || !isOurs(event) || !text || !pasteable(text)) return;
  event.preventDefault();
  pasteText(text);
}

/** Whether text of the page is selected, and not what was chosen within a field. */
function hasText(): boolean {
  const selection = document.getSelection();
  return selection?.type === "Range" && selection.anchorNode?.nodeType === Node.TEXT_NODE;
}

/** Whether the canvas, or nothing, has the focus. */
function isOurs(event: ClipboardEvent): boolean {
  const at = event.target instanceof Element ? event.target : document.body;
  if (at.closest("input, textarea, select, [contenteditable]")) return false;
  return at === document.body || at.closest("main, .menu") !== null;
}
