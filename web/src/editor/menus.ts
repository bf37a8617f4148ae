/** Which commands the context menus offer, by what was clicked. */
import { addReroute } from "../graph/edits/reroutes";
import { stage } from "../store/stage";
import { activeCanvas, activeTab, edit, select } from "../store/tabs";
import { openMenu } from "../store/view";
import { t } from "../words";
import { pointAfter } from "./linkPath";
import type { MenuEntry } from "./Menu";
import { GROUP, LINK, numberIn, POINT } from "./names";

const OF_CANVAS: readonly MenuEntry[] = [
  "view.search",
  "edit.paste",
  "edit.selectAll",
  null,
  "edit.addNote",
  "edit.layout",
  null,
  "view.fitAll",
  "view.snap",
  "view.minimap",
];

const OF_NODES: readonly MenuEntry[] = [
  "run.toHere",
  null,
  "edit.connect",
  "edit.rename",
  "edit.copy",
  "edit.duplicate",
  null,
  "edit.mute",
  "edit.bypass",
  "edit.collapse",
  "edit.color",
  null,
  "edit.group",
  "edit.subgraph",
  "edit.openSubgraph",
  "edit.expandSubgraph",
  "edit.align",
  null,
  "edit.dissolve",
  "edit.delete",
];

const OF_GROUP: readonly MenuEntry[] = [
  "edit.rename",
  "edit.color",
  "edit.fitGroup",
  "edit.selectGroup",
  "edit.muteGroup",
  null,
  "edit.delete",
];

const OF_POINT: readonly MenuEntry[] = ["edit.delete"];

/** Open the menu for what is under a place, which is selected first if it was not. */
export function openMenuFor(name: string | undefined, x: number, y: number): void {
  if (name !== undefined && !activeTab().selection.has(name)) select([name]);
  openMenu({ x, y, label: t("menu.label"), entries: entriesFor(name, x, y) });
}

function entriesFor(name: string | undefined, x: number, y: number): readonly MenuEntry[] {
  if (name === undefined) return OF_CANVAS;
  if (name.startsWith(GROUP)) return OF_GROUP;
  if (name.startsWith(POINT)) return OF_POINT;
  const link = numberIn(name, LINK);
  return link === undefined ? OF_NODES : ofLink(link, x, y);
}

function ofLink(id: number, x: number, y: number): readonly MenuEntry[] {
  return [{ label: t("menu.addPoint"), run: () => addPoint(id, x, y) }, null, "edit.delete"];
}

/** Put a point on a wire where it was clicked. */
export function addPoint(id: number, x: number, y: number): void {
  const at = stage().toCanvas([x, y]);
  const before = pointAfter(activeCanvas(), id, at);
  edit(t("edit.addPoint"), (canvas) => addReroute(canvas, id, [Math.round(at[0]), Math.round(at[1])], before));
}
