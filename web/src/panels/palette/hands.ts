/** What hands do on the canvas without a command: for the map of keys. */
import type { Word } from "../../words";

export const HANDS: readonly { readonly keys: readonly string[]; readonly does: Word }[] = [
  { keys: ["Arrows"], does: "hand.arrows" },
  { keys: ["Enter"], does: "hand.enter" },
  { keys: ["Escape"], does: "hand.escape" },
  { keys: ["Space"], does: "hand.space" },
  { keys: ["Wheel"], does: "hand.wheel" },
  { keys: ["Double-click"], does: "hand.double" },
  { keys: ["Shift+Drag"], does: "hand.box" },
  { keys: ["Ctrl+ArrowUp", "Ctrl+ArrowDown"], does: "hand.weight" },
];
