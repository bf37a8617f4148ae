/** The menu that a right click, a long press or the menu key opened on the canvas. */
import { useCallback } from "react";
import { openMenu, useView } from "../store/view";
import { Menu } from "./Menu";

export function ContextMenu() {
  const menu = useView((view) => view.menu);
  const close = useCallback(() => openMenu(null), []);
  return menu && <Menu {...menu} onClose={close} />;
}
