/** Closing tabs: what was not saved is asked about. */
import { usePreferences } from "../store/preferences";
import { isDirty } from "../store/tabs";
import { openDialog } from "../store/ui";
import { close } from "./closed";
import { tabOf } from "./save";

/** Close a tab, at once if nothing in it waits to be saved. */
export function askToClose(id: string): void {
  const tab = tabOf(id);
  if (!tab) return;
  const isEmpty = tab.path === null && tab.history.present.canvas.nodes.size === 0;
  const asks = usePreferences.getState().confirmClose;
  if (asks && isDirty(tab) && !isEmpty) openDialog("unsaved", { id });
  else void close(tab);
}
