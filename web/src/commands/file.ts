/** Commands of documents and their files. */
import { logOut, useLogin } from "../api/login";
import { FILE_CHOOSER } from "../files/chooser";
import { closedCount, reopenClosed } from "../files/closed";
import { askToClose } from "../files/closing";
import { exportDocument, exportPrompt, exportPython } from "../files/export";
import { save } from "../files/save";
import { activeTab, moveTab, newTab, openTab, showTab, useTabs } from "../store/tabs";
import { openDialog } from "../store/ui";
import { t } from "../words";
import type { Command } from "./command";
import { focusCanvas } from "./regions";

function openEmpty(): void {
  openTab(newTab(freeName()));
  focusCanvas();
}

const hasSeveral = { enabled: () => useTabs.getState().tabs.length > 1, why: "why.oneTab" } as const;

export const FILE: readonly Command[] = [
  { id: "file.new", title: "command.new", keys: ["Alt+N"], inFields: true, run: openEmpty },
  { id: "file.open", title: "command.open", keys: ["Ctrl+O"], inFields: true, run: chooseFiles },
  { id: "file.save", title: "command.save", keys: ["Ctrl+S"], inFields: true, run: () => save() },
  {
    id: "file.saveAs",
    title: "command.saveAs",
    keys: ["Ctrl+Shift+S"],
    inFields: true,
    run: () => openDialog("saveAs", { id: activeTab().id }),
  },
  { id: "file.versions", title: "command.versions", run: () => openDialog("versions", { id: activeTab().id }) },
  { id: "file.exportDocument", title: "command.exportDocument", run: exportDocument },
  { id: "file.exportPrompt", title: "command.exportPrompt", run: exportPrompt },
  { id: "file.exportPython", title: "command.exportPython", run: exportPython },
  { id: "file.close", title: "command.close", keys: ["Alt+W"], run: () => askToClose(activeTab().id) },
  {
    id: "file.reopen",
    title: "command.reopen",
    keys: ["Alt+Shift+T"],
    enabled: () => closedCount() > 0,
    why: "why.closed",
    run: reopenClosed,
  },
  { id: "file.next", title: "command.nextTab", keys: ["Alt+PageDown"], ...hasSeveral, run: () => step(1) },
  { id: "file.previous", title: "command.previousTab", keys: ["Alt+PageUp"], ...hasSeveral, run: () => step(-1) },
  { id: "file.tabRight", title: "command.tabRight", keys: ["Alt+Shift+PageDown"], ...hasSeveral, run: () => shift(1) },
  { id: "file.tabLeft", title: "command.tabLeft", keys: ["Alt+Shift+PageUp"], ...hasSeveral, run: () => shift(-1) },
  {
    id: "file.logOut",
    title: "command.logOut",
    enabled: () => useLogin.getState().standing.asks,
    why: "why.noLogin",
    run: async () => {
      await logOut();
      location.reload();
    },
  },
];

function chooseFiles(): void {
  document.getElementById(FILE_CHOOSER)?.click();
}

/** "untitled", or with a number where that is taken. */
function freeName(): string {
  const taken = new Set(useTabs.getState().tabs.map(({ name }) => name));
  const plain = t("tabs.untitled");
  let name = plain;
  for (let number = 2; taken.has(name); number += 1) name = `${plain} ${number}`;
  return name;
}

function step(by: number): void {
  const { tabs, active } = useTabs.getState();
  const at = tabs.findIndex(({ id }) => id === active);
  const next = tabs.at((at + by) % tabs.length);
  if (next) showTab(next.id);
}

function shift(by: number): void {
  const { tabs, active } = useTabs.getState();
  const at = tabs.findIndex(({ id }) => id === active);
  moveTab(active, Math.max(0, Math.min(tabs.length - 1, at + by)));
}
