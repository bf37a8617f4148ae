/** Copying and pasting nodes. What is copied is text, so that it also goes into another tab, browser or mail. */

import { selectedNodes } from "../commands/selected";
import { copyText, excerpt, pasteable, pasted } from "../graph/clipboard";
import type { Document, Point } from "../graph/document";
import { removeNodes } from "../graph/edits/nodes";
import { stage } from "../store/stage";
import { activeCanvas, activeDocument, activeTab, edit, editDocument, select } from "../store/tabs";
import { notify } from "../store/ui";
import { t } from "../words";

/** How far a duplicate lies from what it is one of. */
const STEP = 32;

/** What was copied last, for browsers that let no page read the clipboard. */
const last: { text: string } = { text: "" };

export function selectedText(): string {
  const text = copyText(activeDocument(), activeTab().scope, selectedNodes());
  last.text = text;
  return text;
}

/** Ask the browser to copy, which asks the page what: works where `navigator.clipboard` is not given to pages. */
export function copyNodes(): void {
  document.execCommand("copy");
}

export function cutNodes(): void {
  copyNodes();
  removeSelected();
}

export function removeSelected(): void {
  edit(t("command.cut"), (canvas) => removeNodes(canvas, selectedNodes()));
}

export async function pasteFromClipboard(): Promise<void> {
  const text = await navigator.clipboard?.readText().catch(() => undefined);
  pasteText(text ?? last.text);
}

/** Paste a text if it is a document. @returns whether it was. */
export function pasteText(text: string): boolean {
  const part = pasteable(text);
  if (!part) {
    notify("info", t("paste.nothing"));
    return false;
  }
  put(part, stage().pointer() ?? stage().center(), t("command.paste"));
  return true;
}

export function duplicateNodes(): void {
  const part = excerpt(activeDocument(), activeTab().scope, selectedNodes());
  const [x, y] = cornerOf(part);
  put(part, [x + STEP, y + STEP], t("command.duplicate"));
}

function put(part: Document, at: Point, label: string): void {
  const { document: changed, ids } = pasted(activeDocument(), activeTab().scope, part, [
    Math.round(at[0]),
    Math.round(at[1]),
  ]);
  if (ids.length === 0) {
    notify("warn", t("paste.refused"));
    return;
  }
  editDocument(label, () => changed);
  select(ids.filter((id) => activeCanvas().nodes.has(id)));
}

function cornerOf({ canvas }: Document): Point {
  const nodes = [...canvas.nodes.values()];
  return [Math.min(...nodes.map((node) => node.pos[0])), Math.min(...nodes.map((node) => node.pos[1]))];
}
