/** Commands about how nodes and frames look and what they are called; and notes. */

import { openColours } from "../editor/menus";
import { GROUP, groupName, numbersIn } from "../editor/names";
import { type ColourName, PALETTE } from "../editor/tint";
import { noteAt } from "../graph/create";
import { MODE } from "../graph/document";
import { frameOf, nodesIn as nodesOf, patchGroup, removeGroup } from "../graph/edits/groups";
import { addNode, setColor, toggleMode } from "../graph/edits/nodes";
import { stage } from "../store/stage";
import { activeCanvas, activeTab, edit, select } from "../store/tabs";
import { rename } from "../store/view";
import { t } from "../words";
import type { Command } from "./command";
import { asSeen } from "./seen";
import { hasSelection, selectedNodes } from "./selected";

/** The colour of a frame that was given none. */
const PLAIN_FRAME = "#9aa3b2";

const hasGroup = () => selectedGroups().length > 0;
const hasAny = () => hasSelection() || hasGroup();
const OF_GROUP = { enabled: hasGroup, why: "why.group" } as const;

export const LOOK: readonly Command[] = [
  {
    id: "edit.rename",
    title: "command.rename",
    keys: ["F2"],
    enabled: hasAny,
    why: "why.selection",
    run: renameChosen,
  },
  { id: "edit.color", title: "command.color", enabled: hasAny, why: "why.selection", run: openColours },
  { id: "edit.addNote", title: "command.addNote", keys: ["Shift+N"], run: addNote },
  { id: "edit.fitGroup", title: "command.fitGroup", ...OF_GROUP, run: fitGroups },
  { id: "edit.selectGroup", title: "command.selectGroup", ...OF_GROUP, run: () => select(nodesOfGroups()) },
  {
    id: "edit.muteGroup",
    title: "command.muteGroup",
    ...OF_GROUP,
    run: () => edit(t("command.muteGroup"), (canvas) => toggleMode(canvas, nodesOfGroups(), MODE.muted)),
  },
  { id: "edit.dissolveGroup", title: "command.dissolveGroup", ...OF_GROUP, run: dissolveGroups },
];

export function selectedGroups(): number[] {
  return numbersIn(activeTab().selection, GROUP);
}

function nodesOfGroups(): string[] {
  const canvas = activeCanvas();
  const groups = selectedGroups().flatMap((index) => canvas.groups[index] ?? []);
  return groups.flatMap((group) => nodesOf(canvas, group)).map((node) => String(node.id));
}

function renameChosen(): void {
  const first = selectedNodes()[0];
  const group = selectedGroups()[0];
  if (first !== undefined) rename(String(first));
  else if (group !== undefined) rename(groupName(group));
}

/** Colour what is selected; without a name it gets the colour of its kind again. */
export function colourSelection(name: ColourName | undefined): void {
  const colours = name && PALETTE[name];
  edit(t("command.color"), (canvas) => {
    const nodes = setColor(canvas, selectedNodes(), colours);
    return selectedGroups().reduce(
      (changed, index) => patchGroup(changed, index, { color: colours?.color ?? PLAIN_FRAME }),
      nodes,
    );
  });
}

function addNote(): void {
  const [x, y] = stage().pointer() ?? stage().center();
  const { canvas, node } = addNode(activeCanvas(), noteAt([Math.round(x), Math.round(y)]));
  edit(t("command.addNote"), () => canvas);
  select([String(node.id)]);
}

/** Draw frames around the nodes that are selected with them, or around what is in them. */
function fitGroups(): void {
  edit(t("command.fitGroup"), (canvas) =>
    selectedGroups().reduce((changed, index) => {
      const group = changed.groups[index];
      if (!group) return changed;
      const seen = asSeen(changed);
      const chosen = selectedNodes().flatMap((id) => seen.nodes.get(String(id)) ?? []);
      return patchGroup(changed, index, frameOf(chosen.length > 0 ? chosen : nodesOf(seen, group)) ?? {});
    }, canvas),
  );
}

/** Take frames away and leave what is in them; the last first, because their places in the list are their names. */
function dissolveGroups(): void {
  const chosen = selectedGroups().toSorted((left, right) => right - left);
  edit(t("command.dissolveGroup"), (canvas) => chosen.reduce(removeGroup, canvas));
  select([]);
}
