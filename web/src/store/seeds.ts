/** Values that change after each run: what the last run had, and the step to the next. */
import { create } from "zustand";
import type { Document } from "../graph/document";
import { record, settle } from "../graph/history";
import type { Json } from "../graph/json";
import { promptId } from "../graph/scope";
import { afterQueue, controlledIn } from "../graph/seeds";
import { t } from "../words";
import { useCatalogue } from "./catalogue";
import { activeTab, changeTab, useTabs } from "./tabs";

interface Seeds {
  /** By `seedKey`. */
  readonly last: ReadonlyMap<string, Json>;
}

export const useSeeds = create<Seeds>(() => ({ last: new Map() }));

export function seedKey(tab: string, prompt: string, name: string): string {
  return `${tab} ${prompt} ${name}`;
}

/** Remember the values that a run was queued with, and set those for the next, as one entry of the undo list. */
export function advanceSeeds(tab: string = activeTab().id): void {
  const found = useTabs.getState().tabs.find((one) => one.id === tab);
  if (!found) return;
  const { catalogue } = useCatalogue.getState();
  const document = found.history.present;
  remember(tab, document);
  const next = afterQueue(document, catalogue);
  changeTab(({ history }) => ({ history: record(settle(history), next, t("seed.advance")) }), tab);
}

/** Values inside a subgraph are shared by its instances, so they are kept for each of them. */
function remember(tab: string, document: Document): void {
  const last = new Map(useSeeds.getState().last);
  const { catalogue } = useCatalogue.getState();
  const pending = [{ scope: [] as readonly string[], canvas: document.canvas }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const { scope, canvas } = item;
    for (const { node, name, value } of controlledIn(canvas, document, catalogue)) {
      if (value !== undefined) last.set(seedKey(tab, promptId(scope, node.id), name), value);
    }
    for (const node of canvas.nodes.values()) {
      const inside = document.subgraphs.get(node.type);
      if (inside && !scope.includes(String(node.id)))
        pending.push({ scope: [...scope, String(node.id)], canvas: inside.canvas });
    }
  }
  useSeeds.setState({ last });
}
