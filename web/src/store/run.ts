/**
 * What the server does for the open documents: runs, their nodes, previews, results.
 *
 * Kept apart from the documents, so that progress redraws the badge of one card and nothing else. Each tab has a run of
 * its own; the fields at the top are those of the tab that is seen, which is what cards and panels read.
 */
import { create } from "zustand";
import { NO_RUN, type RunState } from "./runState";
import { useTabs } from "./tabs";

export type { NodeProblem as Problem } from "../graph/problems";
export type { NodePhase, NodeRun, Picture, RunPhase, RunState } from "./runState";

interface Runs extends RunState {
  readonly byTab: ReadonlyMap<string, RunState>;
}

export const useRuns = create<Runs>(() => ({ ...NO_RUN, byTab: new Map() }));

export function runOf(tab: string): RunState {
  return useRuns.getState().byTab.get(tab) ?? NO_RUN;
}

/** Change the run of a tab. Pictures that are no longer seen are given back to the browser. */
export function changeRun(tab: string, change: (run: RunState) => RunState): void {
  const before = runOf(tab);
  const after = change(before);
  if (after === before) return;
  const byTab = new Map(useRuns.getState().byTab).set(tab, after);
  const seen = tab === useTabs.getState().active;
  useRuns.setState(seen ? { ...after, byTab } : { byTab });
  giveBack(before, after);
}

/** Show the run of the tab that is seen, and forget those of tabs that are gone. Returns how to stop. */
export function followTabs(): () => void {
  return useTabs.subscribe((now, before) => {
    if (now.active === before.active && now.tabs.length === before.tabs.length) return;
    const open = new Set(now.tabs.map((tab) => tab.id));
    const byTab = new Map([...useRuns.getState().byTab].filter(([id]) => open.has(id)));
    useRuns.setState({ ...(byTab.get(now.active) ?? NO_RUN), byTab });
  });
}

function giveBack(before: RunState, after: RunState): void {
  if (before.previews === after.previews) return;
  const kept = new Set(after.previews.values());
  for (const url of before.previews.values()) if (!kept.has(url)) URL.revokeObjectURL(url);
}
