/** Which rows of the outline are open and which one is at hand; what keys do there. */
import { create } from "zustand";
import { activeTab, openScope, select } from "../store/tabs";
import { useUi } from "../store/ui";
import type { OutlineRow } from "./rows";

interface Outline {
  readonly open: ReadonlySet<string>;
  /** The key of the row that the Tab key comes to. */
  readonly current: string | null;
}

export const useOutline = create<Outline>(() => ({ open: new Set(), current: null }));

export function setOpen(key: string, isOpen: boolean): void {
  useOutline.setState(({ open }) => {
    const next = new Set(open);
    if (isOpen) next.add(key);
    else next.delete(key);
    return { open: next };
  });
}

/** Take a row: its node is the one that commands are about, on its own sheet. */
export function takeRow({ key, scope, node }: OutlineRow): void {
  const tab = activeTab();
  const id = String(node.id);
  useOutline.setState({ current: key });
  if (String(tab.scope) !== String(scope)) openScope(scope);
  if (tab.selection.size !== 1 || !tab.selection.has(id) || String(tab.scope) !== String(scope)) select([id]);
}

/** Show the outline, or leave it, with the focus in its tree. */
export function toggleOutline(): void {
  const { outline } = useUi.getState();
  useUi.setState({ outline: !outline });
  if (!outline) focusTree();
}

export function openOutline(): void {
  useUi.setState({ outline: true });
  focusTree();
}

/** Give the row at hand the focus as soon as it is there. */
export function focusTree(): void {
  requestAnimationFrame(() => {
    const find = (selector: string) => document.querySelector<HTMLElement>(`.outline ${selector}`);
    const stop = find("[role='treeitem'][tabindex='0']") ?? find(".outline-add");
    if (stop) stop.focus();
    else if (useUi.getState().outline) focusTree();
  });
}
