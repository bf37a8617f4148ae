/** Which language is spoken: as chosen, or the first of the browser's that there is. A table comes when it is needed. */
import { create } from "zustand";
import { persist } from "zustand/middleware";
import { speak, type Words } from ".";

interface Row {
  /** As its speakers call it. */
  readonly name: string;
  readonly load: () => Promise<Partial<Words>>;
  /** For tests: found by its tag alone. */
  readonly hidden?: boolean;
}

/** By BCP 47 tag. A new language is a file beside `pseudo.ts` and a row here. */
export const LANGUAGES: Readonly<Record<string, Row>> = {
  en: { name: "English", load: async () => ({}) },
  "en-XA": { name: "[Éñĝļîšĥ]", load: async () => (await import("./pseudo")).PSEUDO, hidden: true },
};

interface Language {
  /** A tag, or "system". */
  readonly choice: string;
  readonly spoken: string;
}

export const useLanguage = create<Language>()(
  persist((): Language => ({ choice: "system", spoken: "en" }), {
    name: "ldm_nodes.language",
    partialize: ({ choice }) => ({ choice }),
  }),
);

/** The language for a choice, where a browser asks for some in this order. */
export function languageFor(choice: string, asked: readonly string[]): string {
  const wanted = choice === "system" ? asked.flatMap((tag) => [tag, tag.split("-")[0] ?? tag]) : [choice];
  return wanted.find((tag) => tag in LANGUAGES) ?? "en";
}

/** Speak the language that was chosen, from now on and whenever another is chosen. @returns when the first is there. */
export async function startLanguage(): Promise<void> {
  useLanguage.subscribe((now, before) => now.choice !== before.choice && void show());
  await show();
}

async function show(): Promise<void> {
  const tag = languageFor(useLanguage.getState().choice, navigator.languages);
  const table = await LANGUAGES[tag]?.load();
  speak(table ?? {});
  document.documentElement.lang = tag;
  useLanguage.setState({ spoken: tag });
}
