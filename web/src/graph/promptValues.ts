/** How values and wires are written in a prompt. */
import { isList, isObject, type Json, type JsonObject } from "./json";

/** What a list is put into so that it is no wire. */
const WRAPPED = "__value__";
/** The property under which a node keeps the inputs of a prompt that the editor has no place for. */
export const KEPT = "ldm_nodes inputs";

/** Is it a graph in API format? */
export function isPrompt(data: unknown): data is Readonly<Record<string, JsonObject>> {
  const nodes = isObject(data) ? Object.values(data) : [];
  return nodes.length > 0 && nodes.every((node) => isObject(node) && typeof node.class_type === "string");
}

/** Is it a wire, `[node id, slot]`? */
export function isLink(value: Json | undefined): value is readonly [string, number] {
  return isList(value) && value.length === 2 && typeof value[0] === "string" && Number.isInteger(value[1]);
}

/** A constant as a prompt has it. */
export function wrapped(value: Json): Json {
  return isList(value) ? { [WRAPPED]: value } : value;
}

/** The constant that an entry of a prompt stands for. */
export function constantOf(entry: Json): Json {
  const isWrapped = isObject(entry) && Object.keys(entry).length === 1 && Object.hasOwn(entry, WRAPPED);
  return isWrapped ? (entry[WRAPPED] ?? null) : entry;
}
