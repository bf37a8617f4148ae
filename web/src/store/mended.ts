/** Takes marks off nodes that have been changed since: what was wrong with them may be right by now. */
import { canvasAt, type Document, type GraphNode } from "../graph/document";
import { placeOf } from "../graph/scope";
import { changeRun } from "./run";
import type { RunState } from "./runState";
import { type Tab, useTabs } from "./tabs";

/** Follow the edits of all tabs until the function that comes back is called. */
export function takeOffMarks(): () => void {
  return useTabs.subscribe((now, before) => {
    if (now.tabs === before.tabs) return;
    const old = new Map(before.tabs.map((tab) => [tab.id, tab]));
    for (const tab of now.tabs) takeOff(tab, old.get(tab.id));
  });
}

function takeOff(tab: Tab, before: Tab | undefined): void {
  const [document, old] = [tab.history.present, before?.history.present];
  if (old !== undefined && old !== document) changeRun(tab.id, (run) => mended(run, old, document));
}

/** The run without the problems of nodes whose wires or values are others now, or that are gone. */
export function mended(run: RunState, before: Document, now: Document): RunState {
  const changed = [...run.problems.keys()].filter((id) => isOther(nodeAt(before, id), nodeAt(now, id)));
  const general = run.general.length > 0 && before.canvas.nodes.size !== now.canvas.nodes.size ? [] : run.general;
  if (changed.length === 0 && general === run.general) return run;
  const problems = new Map(run.problems);
  const nodes = new Map(run.nodes);
  for (const id of changed) {
    problems.delete(id);
    if (nodes.get(id)?.phase === "failed") nodes.delete(id);
  }
  return { ...run, problems, nodes, general };
}

function nodeAt(document: Document, promptId: string): GraphNode | undefined {
  const { scope, id } = placeOf(promptId);
  return canvasAt(document, scope).nodes.get(id);
}

function isOther(before: GraphNode | undefined, now: GraphNode | undefined): boolean {
  return before?.inputs !== now?.inputs || before?.values !== now?.values || before?.mode !== now?.mode;
}
