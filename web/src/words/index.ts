/** Every sentence that the editor says. A language is one table; what it lacks is said in English. */
import { ENGLISH, type Word, type Words } from "./english";

export type { Word, Words } from "./english";

const spoken: { table: Partial<Words> } = { table: {} };

/** Speak another language from now on; who shows words already must be drawn again. */
export function speak(table: Partial<Words>): void {
  spoken.table = table;
}

/** A sentence, with `{name}` replaced by the value of that name. */
export function t(word: Word, values: Readonly<Record<string, string | number>> = {}): string {
  const sentence = spoken.table[word] ?? ENGLISH[word];
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
