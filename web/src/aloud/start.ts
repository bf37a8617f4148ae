/** Follows runs and documents, and says what is new. */
import { nodeName } from "../panels/run/names";
import { useRuns } from "../store/run";
import { activeDocument, activeTab, useTabs } from "../store/tabs";
import { announce } from "./announce";
import { editNews } from "./editNews";
import { runNews } from "./runNews";

/** @returns how to stop. */
export function startAloud(): () => void {
  const ends = [
    useRuns.subscribe((now, before) => say(runNews(before, now, (id) => nodeName(activeDocument(), id)))),
    followEdits(),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** What an edit selects in the same breath needs no sentence of its own. */
function followEdits(): () => void {
  let edited = false;
  return useTabs.subscribe((now, before) => {
    const [tab, old] = [activeTab(now), activeTab(before)];
    if (tab.id !== old.id) return;
    const isEdit = tab.history.present !== old.history.present;
    if (!isEdit && (edited || isHeard())) return;
    say(editNews(old, tab));
    if (!isEdit) return;
    edited = true;
    queueMicrotask(() => {
      edited = false;
    });
  });
}

/** A node that has the focus says its own name. */
function isHeard(): boolean {
  return document.activeElement?.closest(".react-flow__node, [role='tree']") != null;
}

function say(text: string | undefined): void {
  if (text) announce(text);
}
