/** A menu of commands at a place: arrows and Enter choose, Escape closes, and the focus goes back to where it was. */
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { commandOf, perform } from "../commands";
import { canDo, titleOf } from "../commands/command";
import { written } from "../commands/keys";

interface MenuItem {
  readonly label: string;
  readonly run: () => unknown;
  readonly keys?: string;
  readonly off?: boolean;
  readonly on?: boolean;
  /** A dot of this colour stands before it. */
  readonly colour?: string;
}

/** The id of a command, a line between, or something of the place's own. */
export type MenuEntry = string | null | MenuItem;

interface Props {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly onClose: () => void;
}

export function Menu({ x, y, label, entries, onClose }: Props) {
  const menu = useRef<HTMLDivElement>(null);
  useKeptInside(menu, x, y);
  useEffect(() => {
    const before = document.activeElement;
    menu.current?.querySelector<HTMLElement>("button:not(:disabled)")?.focus();
    const outside = (event: PointerEvent) => {
      if (!menu.current?.contains(event.target as Node)) onClose();
    };
    window.addEventListener("pointerdown", outside, true);
    return () => {
      window.removeEventListener("pointerdown", outside, true);
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [onClose]);
  const choose = (run: () => unknown) => {
    onClose();
    run();
  };
  return createPortal(
    <div
      ref={menu}
      className="menu"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={(event) => hear(event, onClose)}
    >
      {entries.map((entry, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the entries of a menu do not move.
        <Entry key={index} entry={entry} choose={choose} />
      ))}
    </div>,
    document.body,
  );
}

function Entry({ entry, choose }: { readonly entry: MenuEntry; readonly choose: (run: () => unknown) => void }) {
  if (entry === null) return <hr />;
  const item = typeof entry === "string" ? ofCommand(entry) : entry;
  if (!item) return null;
  return (
    <button
      type="button"
      {...(item.on === undefined ? { role: "menuitem" } : { role: "menuitemcheckbox", "aria-checked": item.on })}
      tabIndex={-1}
      disabled={item.off}
      onClick={() => choose(item.run)}
    >
      <span className="menu-icon" aria-hidden>
        {item.on && "✓"}
        {item.colour && <span className="menu-dot" style={{ background: item.colour }} />}
      </span>
      <span>{item.label}</span>
      {item.keys && <kbd aria-hidden>{item.keys}</kbd>}
    </button>
  );
}

function ofCommand(id: string): MenuItem | undefined {
  const command = commandOf(id);
  if (!command) return undefined;
  const keys = command.keys?.[0];
  return {
    label: titleOf(command),
    run: () => perform(id),
    off: !canDo(command),
    ...(keys ? { keys: written(keys) } : {}),
    ...(command.checked ? { on: command.checked() } : {}),
  };
}

/** Move the menu so far that all of it is on the page. */
function useKeptInside(menu: RefObject<HTMLDivElement | null>, x: number, y: number): void {
  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(4, Math.min(x, window.innerWidth - width - 4))}px`;
    element.style.top = `${Math.max(4, Math.min(y, window.innerHeight - height - 4))}px`;
  }, [menu, x, y]);
}

function hear(event: KeyboardEvent<HTMLDivElement>, onClose: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("button:not(:disabled)")];
  const now = items.indexOf(document.activeElement as HTMLElement);
  const to: Readonly<Record<string, number>> = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 };
  event.stopPropagation();
  if (event.key === "Escape" || event.key === "Tab") onClose();
  const next = to[event.key];
  if (next !== undefined) items.at(next % items.length)?.focus();
  if (next !== undefined || event.key === "Tab") event.preventDefault();
}
