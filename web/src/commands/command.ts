/** A command: what a key, a menu entry and the palette do. Each stands once, in the file of its family. */
import type { Word } from "../words";

export interface Command {
  /** `family.verb`, such as `edit.undo`. */
  readonly id: string;
  readonly title: Word;
  /** Such as `Ctrl+Shift+Enter`, `M`, `?`; `Ctrl` is Command on a Mac. */
  readonly keys?: readonly string[];
  /** Whether it can be done now; left out where it always can. */
  readonly enabled?: () => boolean;
  readonly run: () => void | Promise<void>;
  /** It also works while a field is being edited. */
  readonly inFields?: boolean;
}
