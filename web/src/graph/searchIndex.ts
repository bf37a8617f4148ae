/**
 * What the search looks in: every word of every node, once, with the nodes that have it.
 *
 * A query looks at each different word of the catalogue instead of at each node, so that thousands of nodes take
 * milliseconds (`search.ts`).
 */
import type { NodeDefinition } from "./catalogue";
import { typeName } from "./document";
import { ALIASES, COMMON, SYNONYMS } from "./synonyms";
import { lettersOf, wordsOf } from "./wordMatch";

/** How much a word counts by where it stands. */
const WEIGHT = {
  title: 1,
  alias: 0.9,
  synonym: 0.6,
  initials: 0.55,
  category: 0.4,
  socket: 0.35,
  pack: 0.3,
  text: 0.25,
};

export interface Entry {
  readonly definition: NodeDefinition;
  /** Its title and its class as one word each: `ksampleradvanced`. */
  readonly whole: readonly string[];
  readonly takes: readonly string[];
  readonly gives: readonly string[];
  /** Added to every score: what most graphs have is above its like, what is deprecated or experimental below. */
  readonly standing: number;
}

export interface Posting {
  /** The place in `entries`. */
  readonly at: number;
  readonly weight: number;
}

export interface SearchIndex {
  readonly entries: readonly Entry[];
  readonly words: ReadonlyMap<string, readonly Posting[]>;
}

export function indexOf(definitions: Iterable<NodeDefinition>): SearchIndex {
  const entries = [...definitions].map(entryOf);
  const words = new Map<string, Posting[]>();
  entries.forEach(({ definition }, at) => {
    for (const [word, weight] of weightedWords(definition)) {
      const postings = words.get(word);
      if (postings) postings.push({ at, weight });
      else words.set(word, [{ at, weight }]);
    }
  });
  return { entries, words };
}

/** The pack that a node comes from: `custom_nodes.some_pack` is some_pack; our own and ComfyUI's have none. */
export function packOf(definition: NodeDefinition): string {
  const [root, pack] = definition.module.split(".");
  return root === "custom_nodes" && pack ? pack : "";
}

function entryOf(definition: NodeDefinition): Entry {
  return {
    definition,
    whole: [lettersOf(definition.title), lettersOf(definition.name)],
    takes: [...new Set(definition.inputs.map((input) => input.type))],
    gives: [...new Set(definition.outputs.map((output) => typeName(output.type)))],
    standing: standingOf(definition),
  };
}

function standingOf({ name, deprecated, experimental }: NodeDefinition): number {
  return (COMMON.has(name) ? 0.15 : 0) - (deprecated ? 0.6 : 0) - (experimental ? 0.2 : 0);
}

function weightedWords(definition: NodeDefinition): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const put = (words: readonly string[], weight: number) => {
    for (const word of words) if ((found.get(word) ?? 0) < weight) found.set(word, weight);
  };
  const named = [definition.title, definition.name].flatMap(wordsOf);
  put([...named, lettersOf(definition.title), lettersOf(definition.name)], WEIGHT.title);
  put([...definition.aliases, ...(ALIASES.get(definition.name) ?? [])].flatMap(wordsOf), WEIGHT.alias);
  put(
    named.flatMap((word) => SYNONYMS.get(word) ?? []),
    WEIGHT.synonym,
  );
  put(
    [initials(definition.name), initials(definition.title)].filter((word) => word.length > 1),
    WEIGHT.initials,
  );
  put(wordsOf(definition.category), WEIGHT.category);
  put(
    definition.inputs.flatMap(({ name, type }) => [...wordsOf(name), ...wordsOf(type)]),
    WEIGHT.socket,
  );
  put(
    definition.outputs.flatMap(({ name, type }) => [...wordsOf(name), ...wordsOf(typeName(type))]),
    WEIGHT.socket,
  );
  put(wordsOf(packOf(definition)), WEIGHT.pack);
  put(wordsOf(definition.description), WEIGHT.text);
  return found;
}

function initials(text: string): string {
  return (text.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+/gu) ?? []).map((word) => word[0]?.toLowerCase()).join("");
}
