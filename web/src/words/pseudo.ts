/** A language for tests: English in brackets, with accents, and a third longer, as many languages are. */
import { ENGLISH, type Words } from "./english";

const ACCENTS: Readonly<Record<string, string>> = { a: "á", c: "ç", e: "ê", i: "ï", n: "ñ", o: "ö", s: "š", u: "ü" };

/** `Run {count}` → `[Rüñ {count} ···]`; what is in braces stays. */
export function lengthened(sentence: string): string {
  const spoken = sentence.replace(/\{\w+\}|[aceinosu]/g, (part) => ACCENTS[part] ?? part);
  return `[${spoken}${"·".repeat(Math.ceil(sentence.replace(/\{\w+\}/g, "").length / 3))}]`;
}

export const PSEUDO: Words = Object.fromEntries(
  Object.entries(ENGLISH).map(([word, sentence]) => [word, lengthened(sentence)]),
) as unknown as Words;
