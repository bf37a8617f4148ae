/** Which commands the context menus offer, by what was clicked. */
import { colourSelection } from "../commands/look";
import { addReroute } from "../graph/edits/reroutes";
import { stage } from "../store/stage";
import { activeCanvas, activeTab, edit, select } from "../store/tabs";
import { openMenu, useView } from "../store/view";
import { t } from "../words";
import { pointAfter } from "./linkPath";
import type { MenuEntry } from "./Menu";
import { GROUP, LINK, numberIn, POINT } from "./names";
import { type ColourName, PALETTE } from "./tint";

const OF_CANVAS: readonly MenuEntry[] = [
  "view.search",
  "edit.addNote",
  "edit.paste",
  null,
  "edit.selectAll",
  "edit.layout",
  null,
  "view.fitAll",
  "view.snap",
  "view.minimap",
  "view.leaveSubgraph",
];

const OF_NODE: readonly MenuEntry[] = [
  "run.toHere",
  "edit.connect",
  null,
  "edit.rename",
  "edit.color",
  "edit.copy",
  "edit.duplicate",
  null,
  "edit.mute",
  "edit.bypass",
  "edit.collapse",
  "edit.group",
  null,
  "edit.subgraph",
  "edit.openSubgraph",
  "edit.expandSubgraph",
  null,
  "edit.disconnectAll",
  "edit.dissolve",
  "edit.delete",
  null,
  "view.inspector",
];

const OF_SEVERAL: readonly MenuEntry[] = [
  "edit.color",
  "edit.copy",
  "edit.duplicate",
  null,
  "edit.mute",
  "edit.bypass",
  "edit.collapse",
  "edit.group",
  "edit.subgraph",
  null,
  "edit.align.left",
  "edit.align.center",
  "edit.align.right",
  "edit.align.top",
  "edit.align.middle",
  "edit.align.bottom",
  "edit.distribute.horizontal",
  "edit.distribute.vertical",
  "edit.layout",
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
  "edit.dissolveGroup",
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
  if (link !== undefined) return ofLink(link, x, y);
  return activeTab().selection.size > 1 ? OF_SEVERAL : OF_NODE;
}

function ofLink(id: number, x: number, y: number): readonly MenuEntry[] {
  return [{ label: t("menu.addPoint"), run: () => addPoint(id, x, y) }, "edit.delete"];
}

/** Put a point on a wire where it was clicked. */
export function addPoint(id: number, x: number, y: number): void {
  const at = stage().toCanvas([x, y]);
  const before = pointAfter(activeCanvas(), id, at);
  edit(t("edit.addPoint"), (canvas) => addReroute(canvas, id, [Math.round(at[0]), Math.round(at[1])], before));
}

/** The colours to choose from, where the menu was that offered them. */
export function openColours(): void {
  const { x, y } = useView.getState().menu ?? lastPlace.at;
  const names = Object.keys(PALETTE) as ColourName[];
  const entries: MenuEntry[] = names.map((name) => ({
    label: t(`color.${name}`),
    colour: PALETTE[name].color,
    run: () => colourSelection(name),
  }));
  const none = { label: t("color.none"), run: () => colourSelection(undefined) };
  openMenu({ x, y, label: t("command.color"), entries: [...entries, null, none] });
}

const lastPlace = { at: { x: 0, y: 0 } };

useView.subscribe(({ menu }) => {
  if (menu) lastPlace.at = { x: menu.x, y: menu.y };
});
