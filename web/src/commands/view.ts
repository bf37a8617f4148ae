/** Commands that change what is seen of the document, and how. */
import { forgetLists } from "../fields/remote";
import { isForm, toggleForm } from "../form/narrow";
import { toggleOutline } from "../outline/outline";
import { loadCatalogue } from "../store/catalogue";
import { stage } from "../store/stage";
import { notify, openDialog, type Theme, useUi } from "../store/ui";
import { t } from "../words";
import type { Command } from "./command";
import { nextRegion } from "./regions";
import { hasNodes, selectedNodes } from "./selected";

const OF_NODES = { enabled: hasNodes, why: "why.nodes" } as const;

export const VIEW: readonly Command[] = [
  { id: "view.search", title: "command.search", keys: ["Tab"], onCanvas: true, run: () => openDialog("search") },
  { id: "view.palette", title: "command.palette", keys: ["Ctrl+K"], inFields: true, run: () => openDialog("palette") },
  { id: "view.templates", title: "command.templates", keys: ["Alt+T"], run: () => openDialog("templates") },
  { id: "view.fit", title: "command.fit", keys: ["F"], ...OF_NODES, run: () => stage().fit(selectionOrAll()) },
  { id: "view.fitAll", title: "command.fitAll", keys: ["Shift+F"], ...OF_NODES, run: () => stage().fit() },
  { id: "view.zoomIn", title: "command.zoomIn", keys: ["+"], repeats: true, run: () => stage().zoom("in") },
  { id: "view.zoomOut", title: "command.zoomOut", keys: ["-"], repeats: true, run: () => stage().zoom("out") },
  { id: "view.refresh", title: "command.refresh", keys: ["R"], run: refresh },
  {
    id: "view.inspector",
    title: "command.inspector",
    keys: ["I"],
    checked: () => useUi.getState().inspector,
    run: () => useUi.setState((state) => ({ inspector: !state.inspector })),
  },
  {
    id: "view.outline",
    title: "command.outline",
    keys: ["O"],
    checked: () => useUi.getState().outline,
    run: toggleOutline,
  },
  { id: "view.form", title: "command.form", keys: ["Alt+F"], checked: isForm, run: toggleForm },
  { id: "view.region", title: "command.region", keys: ["F6"], inFields: true, run: () => nextRegion(1) },
  { id: "view.regionBack", title: "command.regionBack", keys: ["Shift+F6"], inFields: true, run: () => nextRegion(-1) },
  themeCommand("system", "command.themeSystem"),
  themeCommand("dark", "command.themeDark"),
  themeCommand("light", "command.themeLight"),
  themeCommand("contrast", "command.themeContrast"),
];

export const HELP: readonly Command[] = [
  {
    id: "help.settings",
    title: "command.settings",
    keys: ["Ctrl+,"],
    inFields: true,
    run: () => openDialog("settings"),
  },
  { id: "help.packs", title: "command.packs", run: () => openDialog("packs") },
  { id: "help.keys", title: "command.keys", keys: ["?"], run: () => openDialog("keys") },
  {
    id: "help.singleKeys",
    title: "command.singleKeys",
    checked: () => useUi.getState().singleKeys,
    run: () => useUi.setState((state) => ({ singleKeys: !state.singleKeys })),
  },
];

/** Ask the server again which nodes, files and lists there are. */
async function refresh(): Promise<void> {
  forgetLists();
  await loadCatalogue();
  notify("good", t("notice.refreshed"));
}

function themeCommand(theme: Theme, title: Command["title"]): Command {
  return {
    id: `view.theme.${theme}`,
    title,
    checked: () => useUi.getState().theme === theme,
    run: () => useUi.setState({ theme }),
  };
}

function selectionOrAll(): string[] | undefined {
  const chosen = selectedNodes().map(String);
  return chosen.length > 0 ? chosen : undefined;
}
