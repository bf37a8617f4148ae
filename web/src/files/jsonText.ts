/** JSON from a stranger: not too long, not too deep, without names that mean something to JavaScript. */
import { type Json, parseJson } from "../graph/json";
import { t } from "../words";
import { Unreadable } from "./unreadable";

export const LONGEST = 32 << 20;
export const DEEPEST = 64;

/** @throws Unreadable when it is no JSON, or one that no graph needs. */
export function readJson(text: string): Json {
  if (text.length > LONGEST) throw new Unreadable(t("open.tooLong", { limit: LONGEST >> 20 }));
  if (isTooDeep(text)) throw new Unreadable(t("open.tooDeep", { limit: DEEPEST }));
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

/** Say whether brackets lie within each other too deep; parsers that recurse would fail there. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inText) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1;
      if (depth > DEEPEST) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

function namesPrototype(value: Json): boolean {
  const pending: Json[] = [value];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (typeof item !== "object" || item === null) continue;
    if (Object.hasOwn(item, "__proto__")) return true;
    for (const part of Object.values(item)) pending.push(part);
  }
  return false;
}
