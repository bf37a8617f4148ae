/** What keys do to the row at hand of the outline. Commands that have keys of their own everywhere are not here. */
import { perform } from "../commands";
import { disconnect } from "../graph/edits/links";
import { activeCanvas, edit } from "../store/tabs";
import { openDialog } from "../store/ui";
import { t } from "../words";
import { takeRow } from "./outline";
import { type OutlineRow, ownerKey } from "./rows";

/** @returns whether the key means something there. */
export function actOn(
  key: string,
  row: OutlineRow,
  rows: readonly OutlineRow[],
  rename: (key: string) => void,
): boolean {
  const isNode = row.kind === "node";
  takeRow(row);
  switch (key) {
    case "Enter":
      if (isNode) document.querySelector<HTMLElement>(FIRST_FIELD)?.focus();
      else connectRow(row);
      return true;
    case "c":
    case "C":
      if (isNode) return false;
      connectRow(row);
      return true;
    case "Delete":
    case "Backspace":
      if (isNode) removeRow(row, rows);
      else cutRow(row);
      return true;
    case "F2":
      rename(ownerKey(row));
      return true;
    case "Insert":
      void perform("view.search");
      return true;
    default:
      return false;
  }
}

const FIRST_FIELD =
  ".outline-fields :is(input, textarea, select, button:not(.number-step)):not(:disabled, [tabindex='-1'])";

function connectRow({ node, kind, slot }: OutlineRow): void {
  openDialog("connect", { node: String(node.id), side: kind, slot });
}

/** Take the node away; the next one, or the one before, is at hand then. */
function removeRow(row: OutlineRow, rows: readonly OutlineRow[]): void {
  const nodes = rows.filter(({ kind, level }) => kind === "node" && level === row.level);
  const at = nodes.findIndex(({ key }) => key === row.key);
  const next = nodes[at + 1] ?? nodes[at - 1];
  void perform("edit.delete");
  if (next) takeRow(next);
}

function cutRow({ node, kind, slot }: OutlineRow): void {
  const links = kind === "input" ? [node.inputs[slot]?.link ?? -1] : (node.outputs[slot]?.links ?? []);
  const known = links.filter((link) => activeCanvas().links.has(link));
  if (known.length > 0) edit(t("edit.disconnect"), (canvas) => disconnect(canvas, ...known));
}
