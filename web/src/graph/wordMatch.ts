/** Words of names, and how well one answers what was typed. Shared by the search for nodes and the palette. */

/** The words of a name, in small letters: `KSampler (Advanced)` is k, sampler, ksampler and advanced. */
export function wordsOf(text: string): string[] {
  const parts = text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const inner = parts.flatMap((part) => part.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+|\p{N}+/gu) ?? []);
  return [...new Set([...parts, ...inner].map((word) => word.toLowerCase()))];
}

/** A text without anything but its letters and digits. */
export function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

/** How well a word answers the one that was asked for: it is it, begins with it, holds it, or is its singular. */
export function quality(word: string, asked: string): number {
  if (word === asked) return 1;
  if (word.startsWith(asked)) return 0.65 + (0.25 * asked.length) / word.length;
  if (word.length >= 4 && asked.startsWith(word) && asked.length - word.length <= 3) return 0.6;
  return asked.length >= 3 && word.includes(asked) ? 0.4 : 0;
}

/** The same with a slip: a wrong, missing, doubled or swapped letter, or letters left out. */
export function slipQuality(word: string, asked: string): number {
  if (asked.length < 3 || word[0] !== asked[0]) return 0;
  const allowed = asked.length >= 8 ? 2 : 1;
  const begin = word.slice(0, asked.length + 1);
  if (asked.length >= 4 && Math.min(distance(begin, asked), distance(begin.slice(0, -1), asked)) <= allowed) return 0.5;
  return isSpread(asked, word) ? 0.3 : 0;
}

/** Whether the letters stand in a word in their order, with others between. */
function isSpread(letters: string, word: string): boolean {
  let at = -1;
  for (const letter of letters) {
    at = word.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** How many letters are wrong, missing, too many or swapped with their neighbour. */
export function distance(left: string, right: string): number {
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const steps = [(above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1, (above[column - 1] ?? 0) + (same ? 0 : 1)];
      if (swapped) steps.push((before[column - 2] ?? 0) + 1);
      line.push(Math.min(...steps));
    }
    before = above;
    above = line;
  }
  return above[right.length] ?? 0;
}

/** Where a query is seen in a title: pieces of it, each marked or not. */
export function marked(title: string, words: readonly string[]): { readonly text: string; readonly hit: boolean }[] {
  const hits = new Array<boolean>(title.length).fill(false);
  const small = title.toLowerCase();
  for (const word of words) {
    const at = small.search(new RegExp(`(?<![\\p{L}\\p{N}])${word}`, "u"));
    const from = at >= 0 ? at : small.indexOf(word);
    if (from >= 0) hits.fill(true, from, from + word.length);
  }
  const pieces: { text: string; hit: boolean }[] = [];
  [...title].forEach((letter, index) => {
    const hit = hits[index] ?? false;
    const last = pieces.at(-1);
    if (last && last.hit === hit) last.text += letter;
    else pieces.push({ text: letter, hit });
  });
  return pieces;
}

/** How well a title answers all words of a query; undefined where one is not in it. */
export function titleScore(title: string, words: readonly string[]): number | undefined {
  const own = wordsOf(title);
  const found = words.map((asked) =>
    Math.max(...own.map((word) => quality(word, asked) || slipQuality(word, asked) / 2)),
  );
  return found.every((score) => score > 0) ? found.reduce((sum, score) => sum + score, 0) : undefined;
}
