/** Keys as commands name them (`Ctrl+Shift+Enter`): whether one was pressed, and how it is written for people. */

export interface Stroke {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

interface Chord {
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly key: string;
}

const IS_MAC = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);
const MAC_SIGNS: Readonly<Record<string, string>> = { Ctrl: "⌘", Shift: "⇧", Alt: "⌥", Enter: "↩", Delete: "⌦" };
const ARROWS: Readonly<Record<string, string>> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
const ARIA: Readonly<Record<string, string>> = { Ctrl: "Control" };

export function isPressed(keys: string, stroke: Stroke, mac = IS_MAC): boolean {
  const chord = chordOf(keys);
  const [wanted, other] = mac ? [stroke.metaKey, stroke.ctrlKey] : [stroke.ctrlKey, stroke.metaKey];
  if (chord.ctrl !== wanted || other || chord.alt !== stroke.altKey) return false;
  return isSign(chord.key) ? stroke.key === chord.key : chord.shift === stroke.shiftKey && hasKey(chord.key, stroke);
}

/**
 * The key is the one that writes the letter in the user's layout; where the layout has no Latin letters, or Alt makes
 * another sign of it, the one that stands in its place on the keyboard.
 */
function hasKey(key: string, stroke: Stroke): boolean {
  if (stroke.key.toLowerCase() === key.toLowerCase()) return true;
  const writesLatin = /^[\x20-\x7e]+$/.test(stroke.key);
  return /^[a-z]$/i.test(key) && (!writesLatin || stroke.altKey) && stroke.code === `Key${key.toUpperCase()}`;
}

/** A sign such as `?` stands where the layout puts it, with Shift or without. */
function isSign(key: string): boolean {
  return key.length === 1 && !/[a-z0-9 ]/i.test(key);
}

function chordOf(keys: string): Chord {
  const parts = partsOf(keys);
  return {
    ctrl: parts.includes("Ctrl"),
    shift: parts.includes("Shift"),
    alt: parts.includes("Alt"),
    key: parts.at(-1) === "Space" ? " " : (parts.at(-1) ?? ""),
  };
}

/** `Ctrl++` is Ctrl and +. */
function partsOf(keys: string): string[] {
  return keys.split(/\+(?=.)/).filter(Boolean);
}

/** As people read it: `Ctrl+Z`, on a Mac `⌘Z`. */
export function written(keys: string, mac = IS_MAC): string {
  const parts = partsOf(keys).map((part) => (mac ? MAC_SIGNS[part] : undefined) ?? ARROWS[part] ?? part);
  return parts.join(mac ? "" : "+");
}

/** As `aria-keyshortcuts` wants it. */
export function ariaKeys(keys: readonly string[] | undefined): string | undefined {
  return keys
    ?.map((one) =>
      partsOf(one)
        .map((part) => ARIA[part] ?? part)
        .join("+"),
    )
    .join(" ");
}
