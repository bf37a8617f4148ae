/** The dialog on top, if there is one: a row of the table per name in `store/ui.ts`. */
import { type ComponentType, lazy, Suspense } from "react";
import { ConnectTo } from "../editor/ConnectTo";
import { useUi } from "../store/ui";
import { Palette } from "./palette/Palette";
import { SearchDialog } from "./search/SearchDialog";

const KeyMap = lazy(async () => ({ default: (await import("./palette/KeyMap")).KeyMap }));
const MaskDialog = lazy(async () => ({ default: (await import("../fields/mask/MaskDialog")).MaskDialog }));
const Viewer = lazy(async () => ({ default: (await import("./pictures/Viewer")).Viewer }));
const SaveAs = lazy(async () => ({ default: (await import("./files/SaveAsDialog")).SaveAsDialog }));
const Unsaved = lazy(async () => ({ default: (await import("./files/UnsavedDialog")).UnsavedDialog }));
const Conflict = lazy(async () => ({ default: (await import("./files/ConflictDialog")).ConflictDialog }));
const Versions = lazy(async () => ({ default: (await import("./files/VersionsDialog")).VersionsDialog }));
const Missing = lazy(async () => ({ default: (await import("./files/MissingDialog")).MissingDialog }));
const Packs = lazy(async () => ({ default: (await import("./packs/PacksDialog")).PacksDialog }));
const Settings = lazy(async () => ({ default: (await import("../settings/SettingsDialog")).SettingsDialog }));
const TemplatesDialog = lazy(async () => ({
  default: (await import("./templates/TemplatesDialog")).TemplatesDialog,
}));

// biome-ignore lint/suspicious/noExplicitAny: each dialog knows the type of what it is opened with.
const DIALOGS: Readonly<Record<string, ComponentType<any>>> = {
  search: SearchDialog,
  palette: Palette,
  keys: KeyMap,
  settings: Settings,
  packs: Packs,
  pictures: Viewer,
  saveAs: SaveAs,
  unsaved: Unsaved,
  conflict: Conflict,
  versions: Versions,
  missing: Missing,
  templates: TemplatesDialog,
  mask: MaskDialog,
  connect: ConnectTo,
};

export function Dialogs() {
  const dialog = useUi((state) => state.dialog);
  const Shown = dialog && DIALOGS[dialog.name];
  return <Suspense>{Shown && <Shown {...(dialog.props as object)} />}</Suspense>;
}
