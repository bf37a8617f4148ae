/** Arrows, Home and End among the items of a menu. */
import type { KeyboardEvent } from "react";

const ITEMS = ':scope > [role^="menuitem"], :scope > [role="none"] > [role^="menuitem"]';

/** Whether the key was one that moves the focus. */
export function moveFocus(event: KeyboardEvent): boolean {
  const menu = event.target instanceof Element ? event.target.closest('[role="menu"]') : null;
  const items = [...(menu?.querySelectorAll<HTMLElement>(ITEMS) ?? [])];
  const now = items.indexOf(document.activeElement as HTMLElement);
  const next: Readonly<Record<string, number>> = {
    ArrowDown: (now + 1) % items.length,
    ArrowUp: now <= 0 ? items.length - 1 : now - 1,
    Home: 0,
    End: items.length - 1,
  };
  const index = next[event.key];
  if (index === undefined) return false;
  event.preventDefault();
  items[index]?.focus();
  return true;
}
