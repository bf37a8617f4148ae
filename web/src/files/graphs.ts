/**
 * The graph in a JSON value, however it is wrapped: an editor's document, a prompt in API format, both side by side as
 * in saved files, a request to the queue, an entry of the history, a lock.
 */
import { isList, isObject, type Json, type JsonObject } from "../graph/json";
import { isPrompt } from "../graph/promptValues";
import { isWorkflow } from "../graph/reading";
import { readJson } from "./jsonText";

export interface Graphs {
  readonly workflow?: JsonObject;
  readonly prompt?: JsonObject;
}

/** Keys under which graphs stand, the editor's document first. */
const WRAPPERS = ["workflow", "extra_pnginfo", "extra_data", "graph", "prompt"];
/** More wrappings than anyone has. */
const MOST = 200;

/** @throws Unreadable when a text within it should be JSON and is not. */
export function graphsIn(value: Json): Graphs {
  const found: { workflow?: JsonObject; prompt?: JsonObject } = {};
  const waiting: Json[] = [value];
  for (let count = 0; waiting.length > 0 && count < MOST; count += 1) {
    const item = opened(waiting.shift() ?? null);
    if (isWorkflow(item)) found.workflow ??= item;
    else if (isPrompt(item)) found.prompt ??= item;
    else waiting.push(...within(item));
  }
  return found;
}

/** What lies in a wrapping. A history is a list of entries by id; the last one is the newest. */
function within(item: Json): readonly Json[] {
  if (isList(item)) return item.filter((part) => typeof part === "object");
  if (!isObject(item)) return [];
  const known = WRAPPERS.flatMap((key) => (Object.hasOwn(item, key) ? [item[key] ?? null] : []));
  if (known.length > 0) return known;
  const entries = Object.values(item).filter((entry) => isObject(entry) && Object.hasOwn(entry, "prompt"));
  return entries.slice(-1);
}

function opened(item: Json): Json {
  return typeof item === "string" && /^\s*\{/.test(item) ? readJson(item) : item;
}
