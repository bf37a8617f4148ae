/** What is said of an edit: wires, nodes that came and went, steps back and forth, what is selected. */
import { titleIn } from "../editor/nodeFacts";
import { type Canvas, canvasAt, type Document, type Link, nodeOf } from "../graph/document";
import type { Tab } from "../store/tabs";
import { t } from "../words";

/** The sentence for the way from one state of a tab to the next, if it is worth one. */
export function editNews(before: Tab, now: Tab): string | undefined {
  if (now.history.present === before.history.present) return selectionNews(before, now);
  return stepNews(before, now) ?? changeNews(before, now);
}

/** Undo and redo say what they undo and redo. */
function stepNews({ history: before }: Tab, { history: now }: Tab): string | undefined {
  const [back, forth] = [before.past.at(-1), before.future[0]];
  if (forth?.document === now.present) return t("aloud.redone", { label: forth.label });
  const isBack = back?.document === now.present && now.future.length > before.future.length;
  return isBack ? t("aloud.undone", { label: back.label }) : undefined;
}

function changeNews(before: Tab, now: Tab): string | undefined {
  if (String(before.scope) !== String(now.scope)) return undefined;
  const document = now.history.present;
  const [old, canvas] = [canvasAt(before.history.present, now.scope), canvasAt(document, now.scope)];
  const added = [...canvas.nodes].filter(([id]) => !old.nodes.has(id)).map(([, node]) => node);
  const removed = [...old.nodes.keys()].filter((id) => !canvas.nodes.has(id)).length;
  const [first] = added;
  if (first && added.length === 1) return t("aloud.added", { node: titleIn(document, first) });
  if (added.length > 1) return t("aloud.addedMany", { count: added.length });
  if (removed > 0) return t(removed === 1 ? "aloud.removed" : "aloud.removedMany", { count: removed });
  return wireNews(document, old, canvas);
}

function wireNews(document: Document, old: Canvas, canvas: Canvas): string | undefined {
  if (old.links === canvas.links) return undefined;
  const [made, ...more] = [...canvas.links.values()].filter(({ id }) => !old.links.has(id));
  if (made && more.length === 0) return t("aloud.connected", endsOf(document, canvas, made));
  const gone = [...old.links.values()].filter(({ id }) => !canvas.links.has(id));
  const [cut] = gone;
  if (!cut || made) return undefined;
  return gone.length === 1
    ? t("aloud.disconnected", endsOf(document, old, cut))
    : t("aloud.disconnectedMany", { count: gone.length });
}

function endsOf(document: Document, canvas: Canvas, link: Link): { output: string; input: string } {
  const [origin, target] = [nodeOf(canvas, link.origin), nodeOf(canvas, link.target)];
  const output = origin && `${titleIn(document, origin)} ${origin.outputs[link.originSlot]?.name ?? ""}`;
  const input = target && `${titleIn(document, target)} ${target.inputs[link.targetSlot]?.name ?? ""}`;
  return { output: output ?? t("subgraph.inputs"), input: input ?? t("subgraph.outputs") };
}

function selectionNews(before: Tab, now: Tab): string | undefined {
  if (now.selection === before.selection || now.selection.size === 0) return undefined;
  if (now.selection.size > 1) return t("aloud.selectedMany", { count: now.selection.size });
  const [id = ""] = now.selection;
  const document = now.history.present;
  const node = canvasAt(document, now.scope).nodes.get(id);
  return node && t("aloud.selected", { node: titleIn(document, node) });
}
