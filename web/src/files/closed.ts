/** Tabs that were closed, the last first: each can be had again. */
import { create } from "zustand";
import { persist } from "zustand/middleware";
import { closeTab, openInPlace, type Tab } from "../store/tabs";
import { notify } from "../store/ui";
import { t } from "../words";
import { flush } from "./autosave";
import { type Entry, entryOf, load } from "./session";

const MOST = 20;

interface Closed {
  readonly entries: readonly Entry[];
}

export const useClosed = create<Closed>()(persist((): Closed => ({ entries: [] }), { name: "ldm_nodes.closed" }));

/** Close a tab; what is in it stays among its versions. */
export async function close(tab: Tab): Promise<void> {
  await flush(tab.id);
  const isWorthIt = tab.path !== null || tab.history.present.canvas.nodes.size > 0;
  if (isWorthIt) useClosed.setState(({ entries }) => ({ entries: [entryOf(tab), ...entries].slice(0, MOST) }));
  closeTab(tab.id);
}

export async function reopenClosed(): Promise<void> {
  const [entry, ...entries] = useClosed.getState().entries;
  if (!entry) return;
  useClosed.setState({ entries });
  const tab = await load(entry);
  if (tab) openInPlace(tab);
  else notify("warn", t("tabs.gone", { name: entry.name }));
}

export function closedCount(): number {
  return useClosed.getState().entries.length;
}
