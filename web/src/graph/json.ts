/**
 * JSON as values: reading and writing without losing a digit, and small readers that never throw.
 *
 * Whole numbers beyond 2^53 (seeds) are `bigint`, for a number would lose their last digits. All other numbers are
 * `number`. Text that holds a graph is read by `parseJson` and written by `writeJson`, and by nothing else.
 */

export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** What only a careful reading gets right: long whole numbers, and the two words that Python writes for numbers. */
const NEEDS_CARE = /\d{16}|NaN|Infinity/;
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity/g;
const WHOLE = /^-?\d{16,}$/;

/**
 * The value that a JSON text stands for. `NaN` and `Infinity`, which Python writes and JSON does not know, become null.
 *
 * @throws SyntaxError where the text is not JSON.
 */
export function parseJson(text: string): Json {
  if (!NEEDS_CARE.test(text)) return JSON.parse(text);
  const mark = `${Math.random()}:`; // which no text can hold on purpose
  const marked = text.replace(TOKEN, (token) => spelledForParsing(token, mark));
  return JSON.parse(marked, (_, value) => (isMarked(value, mark) ? BigInt(value.slice(mark.length)) : value));
}

/** The text of a value, with every digit. */
export function writeJson(value: NonNullable<unknown> | null, indent = 0): string {
  return holdsBig(value) ? written(value as Json, " ".repeat(indent), "\n") : JSON.stringify(value, undefined, indent);
}

function spelledForParsing(token: string, mark: string): string {
  if (token === "NaN" || token.endsWith("Infinity")) return "null";
  return WHOLE.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token;
}

function isMarked(value: unknown, mark: string): value is string {
  return typeof value === "string" && value.startsWith(mark);
}

function holdsBig(value: unknown): boolean {
  const pending: unknown[] = [value];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (typeof item === "bigint") return true;
    if (typeof item !== "object" || item === null) continue;
    for (const part of Object.values(item)) pending.push(part);
  }
  return false;
}

function written(value: Json, indent: string, newline: string): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = newline + indent;
  const colon = indent ? ": " : ":";
  const parts = isList(value)
    ? value.map((item) => written(item, indent, inner))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => JSON.stringify(key) + colon + written(item, indent, inner));
  const [open, close] = isList(value) ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return open + close;
  return indent ? open + inner + parts.join(`,${inner}`) + newline + close : open + parts.join() + close;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Is it a number of either kind? */
export function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** What stands in an object under a key of its own. Names come from graphs, and one of them may be `constructor`. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function asList(value: unknown): readonly Json[] {
  return isList(value) ? value : [];
}

export function asText(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? value : otherwise;
}

/** A number that may be counted with; of a whole number beyond 2^53 the nearest. */
export function asNumber(value: unknown, otherwise = 0): number {
  return isNumber(value) && Number.isFinite(Number(value)) ? Number(value) : otherwise;
}

/** Truth as Python has it, in which empty lists and objects are false. */
export function isTruthy(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}
