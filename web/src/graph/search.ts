/**
 * Finding a node by a few letters of anything that it is called.
 *
 * Every word of a query must be found in a node: as a word, as the beginning of one (`conc cond`), within one, or, where
 * nothing else fits, with a slip of the finger. `in:IMAGE` and `out:LATENT` ask for sockets. What is used often and what
 * is a favourite stands above its like; what is deprecated or experimental below.
 */
import type { NodeDefinition } from "./catalogue";
import type { Json } from "./json";
import type { Entry, SearchIndex } from "./searchIndex";
import { fits } from "./sockets";
import { quality, slipQuality } from "./wordMatch";

export interface Hit {
  readonly definition: NodeDefinition;
  readonly score: number;
}

/** A socket that a wire hangs from: nodes that it could be led to are wanted. */
export interface WireEnd {
  readonly type: Json;
  /** Whether the wire comes out of an output or an input. */
  readonly side: "output" | "input";
}

export interface Habits {
  readonly uses: Readonly<Record<string, number>>;
  readonly favourites: readonly string[];
}

export interface SearchOptions {
  readonly habits?: Habits;
  readonly from?: WireEnd | undefined;
  readonly limit?: number;
}

interface Query {
  readonly words: readonly string[];
  readonly takes: readonly string[];
  readonly gives: readonly string[];
}

const NO_HABITS: Habits = { uses: {}, favourites: [] };
/** Below this, a word counts as not found, and slips of the finger are looked for. */
const DOUBTFUL = 0.15;

/** The nodes that a query means, best first. An empty query gives favourites, then what is used, then all by name. */
export function search(index: SearchIndex, text: string, options: SearchOptions = {}): Hit[] {
  const query = readQuery(text);
  const scores = query.words.map((word) => scoresOf(index, word));
  const bonus = habitBonus(options.habits ?? NO_HABITS);
  const hits: Hit[] = [];
  index.entries.forEach((entry, at) => {
    const score = matchScore(entry, at, query, scores);
    if (score === undefined || !hasSockets(entry, query) || !takesWire(entry, options.from)) return;
    hits.push({
      definition: entry.definition,
      score: score + bonus(entry) + entry.standing + nearness(entry, options),
    });
  });
  return hits.sort(query.words.length > 0 ? byScore : byScoreAndName).slice(0, options.limit ?? 50);
}

/** The words of a query that are looked for in names; filters are left out. */
export function queryWords(text: string): readonly string[] {
  return readQuery(text).words;
}

function readQuery(text: string): Query {
  const tokens = text.trim().split(/\s+/).filter(Boolean);
  const filters = (side: string) =>
    tokens
      .filter((token) => token.toLowerCase().startsWith(side))
      .map((token) => token.slice(side.length).toUpperCase());
  const rest = tokens.filter((token) => !/^(in|out):/i.test(token));
  const words = rest.flatMap((token) => token.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter(Boolean);
  return { words: [...new Set(words)], takes: filters("in:"), gives: filters("out:") };
}

function matchScore(entry: Entry, at: number, query: Query, scores: readonly Float64Array[]): number | undefined {
  if (scores.length === 0) return 0;
  let sum = 0;
  for (const found of scores) {
    const score = found[at] ?? 0;
    if (score === 0) return undefined;
    sum += score;
  }
  return sum / scores.length + wholeness(entry, query.words.join(""));
}

/** How much of the name the query is: all of it, its beginning, or a share. */
function wholeness(entry: Entry, letters: string): number {
  const of = (name: string) => {
    if (name === letters) return 1;
    const share = Math.min(1, letters.length / Math.max(1, name.length));
    return 0.3 * share + (name.startsWith(letters) ? 0.15 : 0);
  };
  return Math.max(...entry.whole.map(of));
}

/** By entry: how well a word of the query is found in it, 0 where it is not. */
function scoresOf(index: SearchIndex, word: string): Float64Array {
  const scores = new Float64Array(index.entries.length);
  if (gather(index, scores, word, quality) < DOUBTFUL) gather(index, scores, word, slipQuality);
  return scores;
}

function gather(index: SearchIndex, scores: Float64Array, asked: string, judge: typeof quality): number {
  let best = 0;
  for (const [word, postings] of index.words) {
    const found = judge(word, asked);
    if (found === 0) continue;
    for (const { at, weight } of postings) {
      const score = found * weight;
      if (score > (scores[at] ?? 0)) scores[at] = score;
      if (score > best) best = score;
    }
  }
  return best;
}

function habitBonus({ uses, favourites }: Habits): (entry: Entry) => number {
  const loved = new Set(favourites);
  return ({ definition: { name } }) =>
    Math.min(0.3, 0.06 * Math.log2(1 + (uses[name] ?? 0))) + (loved.has(name) ? 0.31 : 0);
}

function hasSockets(entry: Entry, { takes, gives }: Query): boolean {
  const has = (types: readonly string[], wanted: readonly string[]) =>
    wanted.every((want) =>
      types.some((type) =>
        type
          .toUpperCase()
          .split(",")
          .some((one) => one.trim().startsWith(want)),
      ),
    );
  return has(entry.takes, takes) && has(entry.gives, gives);
}

function takesWire(entry: Entry, from: WireEnd | undefined): boolean {
  if (!from) return true;
  if (from.side === "output") return entry.definition.inputs.some((input) => fits(from.type, input.type));
  return entry.definition.outputs.some((output) => fits(output.type, from.type));
}

/** A socket of the very type of the wire is nearer than one that takes everything. */
function nearness({ takes, gives }: Entry, { from }: SearchOptions): number {
  if (!from || typeof from.type !== "string") return 0;
  return (from.side === "output" ? takes : gives).includes(from.type) ? 0.2 : 0;
}

/** Of two that answer equally well, the shorter title answers more of the question. */
function byScore(left: Hit, right: Hit): number {
  const shorter = left.definition.title.length - right.definition.title.length;
  return right.score - left.score || shorter || byName(left, right);
}

function byScoreAndName(left: Hit, right: Hit): number {
  return right.score - left.score || byName(left, right);
}

function byName(left: Hit, right: Hit): number {
  return left.definition.title < right.definition.title ? -1 : 1;
}
