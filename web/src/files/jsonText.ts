/** JSON from a stranger: not too long, not too deep, without names that mean something to JavaScript. */
import { type Json, parseJson } from "../graph/json";
import { t } from "../words";
import { Unreadable } from "./unreadable";

export const LONGEST = 32 << 20;
export const DEEPEST = 64;

/** @throws Unreadable when it is no JSON, or one that no graph needs. */
export function readJson(text: string): Json {
  if (text.length > LONGEST) throw new Unreadable(t("open.tooLong", { limit: LONGEST >> 20 }));
  checkShape(text);
  const value = parsed(text.replace(/^\ufeff/, ""));
  if (/__proto__|\\u005f/i.test(text) && namesPrototype(value)) throw new Unreadable(t("open.prototype"));
  return value;
}

function parsed(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw new Unreadable(t("open.notJson"));
  }
}

/** What brackets add to the depth, by their codes. */
const STEPS: Readonly<Record<number, number>> = { 91: 1, 93: -1, 123: 1, 125: -1 };
const [QUOTE, BACKSLASH, SPACE] = [34, 92, 32];

/** Look at brackets and quotes alone, before parsers do that recurse or look back. */
function checkShape(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfText(text, at);
    else depth += STEPS[code] ?? 0;
    if (depth > DEEPEST) throw new Unreadable(t("open.tooDeep", { limit: DEEPEST }));
  }
}

/** Where the quote at `start` is closed. */
function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code < SPACE) break;
    if (code === BACKSLASH) at += 1;
  }
  throw new Unreadable(t("open.notJson"));
}

function namesPrototype(value: Json): boolean {
  const pending: Json[] = [value];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (typeof item !== "object" || item === null) continue;
    if (Object.hasOwn(item, "__proto__")) return true;
    for (const part of Object.values(item)) pending.push(part);
  }
  return false;
}
