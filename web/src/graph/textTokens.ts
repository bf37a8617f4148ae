/**
 * What is done to texts before they are sent: comments, random choices, dates and values of other fields.
 *
 * The Python side is `engine/text_tokens.py`.
 */
import { type Json, writeJson } from "./json";

/** Takes one of the texts in `{a|b}`. */
export type Choose = (choices: readonly string[]) => string;

const COMMENT = /\/\*.*?\*\/|\/\/[^\n]*/gs;
const PIECE = /\\[{|}]|[{|}]|[^\\{|}]+|\\/g;
const TOKEN = /%([^%]+)%/g;
const DATE_PART = /yyyy|yy|dd?|MM?|hh?|mm?|ss?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what may not stand in a file's name
const UNFIT = /[/?<>\\:*|"\x00-\x1f\x7f]/g;

export function atRandom(choices: readonly string[]): string {
  return choices[Math.floor(Math.random() * choices.length)] ?? "";
}

/** The text without comments and with every `{a|b|c}`, from the inside out, replaced by what `choose` takes of it. */
export function drawn(text: string, choose: Choose): string {
  const levels: string[][] = [[""]]; // open braces, and the alternatives of each
  for (const [piece] of text.replace(COMMENT, "").matchAll(PIECE)) {
    if (piece === "{") levels.push([""]);
    else if (piece === "|" && levels.length > 1) levels.at(-1)?.push("");
    else if (piece === "}" && levels.length > 1) append(levels, choose(levels.pop() ?? []));
    else append(levels, piece.length === 2 && piece[0] === "\\" ? piece.slice(1) : piece);
  }
  return levels.map((alternatives) => alternatives.join("|")).join("{");
}

/** Put a piece at the end of the innermost alternative. */
function append(levels: string[][], piece: string): void {
  const alternatives = levels.at(-1) ?? [];
  alternatives.push((alternatives.pop() ?? "") + piece);
}

/** The text with dates for `%date:yyyy-MM-dd%`, and with the value of a field for `%Node.field%` where there is one. */
export function replaced(text: string, lookup: (node: string, field: string) => Json | undefined, now: Date): string {
  return text.replace(TOKEN, (whole, token: string) => {
    if (token.startsWith("date:")) return dated(token.slice("date:".length), now);
    const dot = token.indexOf(".");
    const found = dot === -1 ? undefined : lookup(token.slice(0, dot), token.slice(dot + 1));
    return found === undefined || found === null ? whole : spelled(found).replace(UNFIT, "_");
  });
}

/** A value as one reads it. */
function spelled(value: Json): string {
  return typeof value === "object" ? writeJson(value) : String(value);
}

function dated(pattern: string, now: Date): string {
  const year = String(now.getFullYear()).padStart(4, "0");
  const parts: Readonly<Record<string, number>> = {
    d: now.getDate(),
    M: now.getMonth() + 1,
    h: now.getHours(),
    m: now.getMinutes(),
    s: now.getSeconds(),
  };
  return pattern.replace(DATE_PART, (letters) => {
    const part = parts[letters[0] ?? ""];
    return part === undefined ? year.slice(-letters.length) : String(part).padStart(letters.length, "0");
  });
}
