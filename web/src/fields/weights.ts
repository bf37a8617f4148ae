/** Ctrl+Up and Ctrl+Down in a prompt: the word, or what is marked, gets `(a weight:1.05)` or loses it again. */

/** How much one press changes, as ComfyUI's users know it. */
export const WEIGHT_STEP = 0.05;
/** What brackets without a number mean. */
const BRACKETS = 1.1;

export interface Marked {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const OUTSIDE_WORDS = /[\s,.;:!?()[\]{}|<>\\/"]/;
const WEIGHTED = /^\(([\s\S]*?)(?::\s*(-?(?:\d+\.?\d*|\.\d+))\s*)?\)$/;

/** The text with another weight, and what is marked in it then; the same where nothing stands at the caret. */
export function reweight(marked: Marked, change: number): Marked {
  const { text } = marked;
  const [start, end] = grown(text, ...target(marked));
  if (start === end) return marked;
  const { words, weight } = read(text.slice(start, end));
  const next = Math.round((weight + change) * 100) / 100;
  const written = next === 1 ? words : `(${words}:${next})`;
  return { text: text.slice(0, start) + written + text.slice(end), start, end: start + written.length };
}

function read(piece: string): { words: string; weight: number } {
  const found = isOneBracket(piece) ? WEIGHTED.exec(piece) : null;
  if (!found) return { words: piece, weight: 1 };
  return { words: found[1] ?? "", weight: found[2] === undefined ? BRACKETS : Number(found[2]) };
}

/** What is meant: the marked text without its outer blanks, else the brackets around the caret, else its word. */
function target({ text, start, end }: Marked): [number, number] {
  if (start !== end) {
    const piece = text.slice(start, end);
    const from = start + (piece.length - piece.trimStart().length);
    return [from, Math.max(from, end - (piece.length - piece.trimEnd().length))];
  }
  return bracketAround(text, start) ?? wordAt(text, start);
}

/** If just the inside of brackets is meant, the brackets too: pressing again changes the weight in place. */
function grown(text: string, start: number, end: number): [number, number] {
  const around = bracketAround(text, start);
  if (!around || around[0] !== start - 1) return [start, end];
  const rest = text.slice(end, around[1]);
  return /^(:\s*-?[\d.]+\s*)?\)$/.test(rest) ? around : [start, end];
}

function wordAt(text: string, at: number): [number, number] {
  let [start, end] = [at, at];
  while (start > 0 && !OUTSIDE_WORDS.test(text.charAt(start - 1))) start -= 1;
  while (end < text.length && !OUTSIDE_WORDS.test(text.charAt(end))) end += 1;
  return [start, end];
}

/** The innermost pair of brackets that the caret stands in. */
function bracketAround(text: string, at: number): [number, number] | undefined {
  const open = findBracket(text, at - 1, -1);
  const close = findBracket(text, at, 1);
  return open === undefined || close === undefined ? undefined : [open, close + 1];
}

function findBracket(text: string, from: number, way: 1 | -1): number | undefined {
  const [wanted, other] = way === 1 ? [")", "("] : ["(", ")"];
  let depth = 0;
  for (let at = from; at >= 0 && at < text.length; at += way) {
    const character = text.charAt(at);
    if (text.charAt(at - 1) === "\\") continue;
    if (character === wanted && depth === 0) return at;
    if (character === wanted) depth -= 1;
    if (character === other) depth += 1;
  }
  return undefined;
}

function isOneBracket(piece: string): boolean {
  return piece.startsWith("(") && findBracket(piece, 1, 1) === piece.length - 1;
}
