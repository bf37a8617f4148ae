/** Lists of choices: finding some by what is typed, and the one that a missing name most likely meant. */
import { type Json, writeJson } from "../graph/json";

export interface Choice {
  readonly value: Json;
  readonly text: string;
  /** The text as it is searched in. */
  readonly folded: string;
}

export function choicesOf(values: readonly Json[]): readonly Choice[] {
  return values.map((value) => {
    const text = textOf(value);
    return { value, text, folded: folded(text) };
  });
}

export function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? writeJson(value) : String(value);
}

/** Choices that hold every typed word, those that begin with one first; else those that hold its letters in order. */
export function found(choices: readonly Choice[], typed: string): readonly Choice[] {
  const words = folded(typed).split(" ").filter(Boolean);
  if (words.length === 0) return choices;
  const holding = choices.filter(({ folded: text }) => words.every((word) => text.includes(word)));
  if (holding.length === 0) return choices.filter(({ folded: text }) => inOrder(text, words.join("")));
  const first = words[0] ?? "";
  const rank = ({ folded: text }: Choice) => (text.startsWith(first) ? 0 : startsWord(text, first) ? 1 : 2);
  return holding
    .map((choice) => ({ choice, rank: rank(choice) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ choice }) => choice);
}

/** The choice most like a name that is not among them; undefined where none is like it. */
export function nearest(choices: readonly Choice[], name: string): Choice | undefined {
  const wanted = pairs(baseName(folded(name)));
  let best: Choice | undefined;
  let most = 0.4;
  for (const choice of choices) {
    const score = likeness(wanted, pairs(baseName(choice.folded)));
    if (score <= most) continue;
    [best, most] = [choice, score];
  }
  return best;
}

export function holds(choices: readonly Choice[], value: Json | undefined): boolean {
  return choices.some((choice) => choice.value === value);
}

function folded(text: string): string {
  return text.toLowerCase().replaceAll("\\", "/");
}

function startsWord(text: string, word: string): boolean {
  const at = text.indexOf(word);
  return at > 0 && /[\s/_.-]/.test(text.charAt(at - 1));
}

function inOrder(text: string, letters: string): boolean {
  let at = -1;
  return [...letters].every((letter) => {
    at = text.indexOf(letter, at + 1);
    return at >= 0;
  });
}

/** The name without its folder and its ending; a file that was moved is the likeliest of all. */
function baseName(text: string): string {
  return text.slice(text.lastIndexOf("/") + 1).replace(/\.[a-z0-9]{1,12}$/, "");
}

function pairs(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const padded = ` ${text.replace(/[\s_-]+/g, " ")} `;
  for (let at = 0; at + 1 < padded.length; at += 1) {
    const pair = padded.slice(at, at + 2);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

/** Dice's coefficient over pairs of letters: 1 for the same name. */
function likeness(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let [shared, all] = [0, 0];
  for (const [pair, count] of a) {
    shared += Math.min(count, b.get(pair) ?? 0);
    all += count;
  }
  for (const count of b.values()) all += count;
  return all === 0 ? 0 : (2 * shared) / all;
}
