/** Files that are pasted while a node is the only one selected, or while one of its fields has the focus. */
import { useEffect } from "react";
import { activeTab, useTabs } from "../store/tabs";
import type { Place } from "./writing";

export function usePasted(place: Place, take: (files: Iterable<File>) => void): void {
  const isSelected = useTabs((state) => {
    const { id, selection, scope } = activeTab(state);
    return id === place.tab && selection.size === 1 && [...scope, ...selection].join(":") === place.promptId;
  });
  useEffect(() => {
    if (!isSelected) return;
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0 || isTyping(event.target)) return;
      event.preventDefault();
      event.stopPropagation();
      take(files);
    };
    document.addEventListener("paste", onPaste, true);
    return () => document.removeEventListener("paste", onPaste, true);
  }, [isSelected, take]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("textarea, input:not([type=file])");
}
