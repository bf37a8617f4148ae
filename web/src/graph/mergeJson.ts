/** Three-way merging of JSON and of tables: what one side changed is taken, what both changed differently is mine. */
import { equal } from "./equal";
import { isList, isObject, type Json, type JsonObject } from "./json";

type Maybe = Json | undefined;

/** @param clash called with the way to a value that both sides changed. */
export function mergeJson(base: Maybe, mine: Maybe, theirs: Maybe, clash: (path: string) => void, path = ""): Maybe {
  if (equal(base, theirs) || equal(mine, theirs)) return mine;
  if (equal(base, mine)) return theirs;
  if (isObject(mine) && isObject(theirs)) {
    const before = isObject(base) ? base : {};
    const keys = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
    const merged = keys.map((key) => [key, mergeJson(before[key], mine[key], theirs[key], clash, under(path, key))]);
    return Object.fromEntries(merged.filter(([, value]) => value !== undefined)) as JsonObject;
  }
  if (isList(base) && isList(mine) && isList(theirs) && base.length === mine.length && base.length === theirs.length) {
    return mine.map((item, index) => mergeJson(base[index], item, theirs[index], clash, under(path, index)) ?? null);
  }
  clash(path);
  return mine;
}

function under(path: string, key: string | number): string {
  return path ? `${path}.${key}` : String(key);
}

export interface Rules<K, V> {
  readonly same: (left: V, right: V) => boolean;
  /** Of a part that both sides have and at least one has changed. */
  readonly merge: (base: V | undefined, mine: V, theirs: V, key: K) => V;
  /** Of a part that one side deleted and the other changed; it stays. */
  readonly kept: (value: V, key: K) => void;
}

/** The parts of both sides: mine in their order, then what they added. What one side deleted is gone. */
export function mergeMaps<K, V>(
  base: ReadonlyMap<K, V>,
  mine: ReadonlyMap<K, V>,
  theirs: ReadonlyMap<K, V>,
  rules: Rules<K, V>,
): Map<K, V> {
  const merged = new Map<K, V>();
  const survives = (value: V, key: K) => {
    const before = base.get(key);
    if (before === undefined) return true;
    if (rules.same(before, value)) return false;
    rules.kept(value, key);
    return true;
  };
  for (const [key, value] of mine) {
    const other = theirs.get(key);
    if (other !== undefined) merged.set(key, rules.merge(base.get(key), value, other, key));
    else if (survives(value, key)) merged.set(key, value);
  }
  for (const [key, value] of theirs) {
    if (!mine.has(key) && survives(value, key)) merged.set(key, value);
  }
  return merged;
}
