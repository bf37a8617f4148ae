/** Listens for the keys of commands. */
import { useEffect } from "react";
import { notify, useUi } from "../store/ui";
import { t } from "../words";
import { allCommands, perform } from ".";
import { type Command, canDo } from "./command";
import { isPressed } from "./keys";

export function Keys() {
  useEffect(() => {
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
  return null;
}

function hear(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const command = allCommands().find(
    (one) => !one.isNative && one.keys?.some((keys) => isPressed(keys, event)) && mayHear(one, event),
  );
  if (!command) return;
  event.preventDefault();
  if (event.repeat && !command.repeats) return;
  if (!canDo(command) && command.why) notify("info", t(command.why));
  void perform(command.id);
}

/** Whether keys are the command's where the focus is. */
function mayHear(command: Command, event: KeyboardEvent): boolean {
  const { dialog, singleKeys } = useUi.getState();
  const at = event.target instanceof Element ? event.target : document.body;
  if ((dialog || isField(at)) && !command.inFields) return false;
  if (command.onCanvas && !isCanvas(at)) return false;
  return singleKeys || event.ctrlKey || event.metaKey || event.altKey || event.key.length > 1;
}

function isField(element: Element): boolean {
  return element.closest("input, textarea, select, [contenteditable=''], [contenteditable='true']") !== null;
}

/** The sheet, a card, a socket or a wire, but no button within one, which Tab and Enter have their own meaning for. */
function isCanvas(element: Element): boolean {
  return (
    element === document.body ||
    (element.closest("main") !== null && !element.closest("button:not(.socket), a, summary"))
  );
}
