/** Keys that mean something only where the focus is on the sheet: arrows, Enter, Escape, Delete at a socket. */
import type { KeyboardEvent } from "react";
import { disconnect } from "../graph/edits/links";
import { activeCanvas, edit, select } from "../store/tabs";
import { openDialog } from "../store/ui";
import { t } from "../words";
import { editFocused, focusedSocket, moveFocus } from "./focus";

export function hearOnSheet(event: KeyboardEvent<HTMLElement>): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isHeard(event)) event.preventDefault();
}

function isHeard({ key, shiftKey, target }: KeyboardEvent<HTMLElement>): boolean {
  if (key.startsWith("Arrow")) return moveFocus(key, shiftKey);
  if (key === "Escape") return leave(target as HTMLElement);
  if (key === "Delete" || key === "Backspace") return cutSocket();
  if (key !== "Enter") return false;
  const socket = focusedSocket();
  if (socket) openDialog("connect", socket);
  return socket !== undefined || editFocused();
}

/** Out of a field or a socket to its card; out of a card to nothing selected. */
function leave(at: HTMLElement): boolean {
  const node = at.closest<HTMLElement>(".react-flow__node");
  if (node && node !== at) node.focus({ preventScroll: true });
  else select([]);
  return true;
}

/** Delete at a socket takes its wires away. */
function cutSocket(): boolean {
  const socket = focusedSocket();
  const node = socket && activeCanvas().nodes.get(socket.node);
  if (!socket || !node) return false;
  const links = socket.side === "output" ? node.outputs[socket.slot]?.links : [node.inputs[socket.slot]?.link ?? -1];
  edit(t("edit.disconnect"), (canvas) => disconnect(canvas, ...(links ?? [])));
  return true;
}
