/** A command: what a key, a menu entry and the palette do. Each stands once, in the file of its family. */
import { t, type Word } from "../words";

export interface Command {
  /** `family.verb`, such as `edit.undo`. */
  readonly id: string;
  readonly title: Word | Said;
  /** Such as `Ctrl+Shift+Enter`, `M`, `?`; `Ctrl` is Command on a Mac. The first is the one that is shown. */
  readonly keys?: readonly string[];
  /** Whether it can be done now; left out where it always can. */
  readonly enabled?: () => boolean;
  /** What is missing where it cannot be done: shown beside it in menus and in the palette. */
  readonly why?: Word;
  readonly run: () => unknown;
  /** Of something that is on or off: whether it is on. */
  readonly checked?: () => boolean;
  /** Its keys also work while a field is being edited or a dialog is open. */
  readonly inFields?: boolean;
  /** Its keys work only while the canvas, or nothing, has the focus: keys that mean something else elsewhere. */
  readonly onCanvas?: boolean;
  /** The browser tells of its keys by an event of its own, which copying and pasting need; they are only shown. */
  readonly isNative?: boolean;
  /** A key that is held does it again and again. */
  readonly repeats?: boolean;
}

/** Words that a pack brings. */
export interface Said {
  readonly text: string;
}

export const FAMILIES = ["file", "edit", "view", "run", "packs", "help"] as const;
export type Family = (typeof FAMILIES)[number];

export function familyOf(command: Command): Family {
  return FAMILIES.find((family) => command.id.startsWith(`${family}.`)) ?? "edit";
}

export function titleOf({ title }: Command): string {
  return typeof title === "string" ? t(title) : title.text;
}

export function canDo(command: Command): boolean {
  return command.enabled?.() ?? true;
}
