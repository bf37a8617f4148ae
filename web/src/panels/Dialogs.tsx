/** The dialog on top, if there is one: a row of the table per name in `store/ui.ts`. */
import type { ComponentType } from "react";
import { useUi } from "../store/ui";

// biome-ignore lint/suspicious/noExplicitAny: each dialog knows the type of what it is opened with.
const DIALOGS: Readonly<Record<string, ComponentType<any>>> = {};

export function Dialogs() {
  const dialog = useUi((state) => state.dialog);
  const Shown = dialog && DIALOGS[dialog.name];
  return Shown ? <Shown {...(dialog.props as object)} /> : null;
}
