/** Languages: one is found for every choice, what it lacks is English, and places for values are kept. */
import { afterEach, describe, expect, it } from "vitest";
import { speak, t } from ".";
import { ENGLISH } from "./english";
import { languageFor } from "./language";
import { PSEUDO } from "./pseudo";

afterEach(() => speak({}));

describe("a language", () => {
  it("is the first that the browser asks for and there is", () => {
    expect(languageFor("system", ["tlh", "en-GB", "de"])).toBe("en");
    expect(languageFor("system", [])).toBe("en");
    expect(languageFor("en-XA", ["en"])).toBe("en-XA");
    expect(languageFor("tlh", ["en-XA"])).toBe("en");
  });

  it("is English where it lacks a word", () => {
    speak({ "command.undo": "Zurück" });
    expect([t("command.undo"), t("command.redo")]).toEqual(["Zurück", "Redo"]);
  });

  it("keeps the places for values", () => {
    const places = (sentence: string) => sentence.match(/\{\w+\}/g) ?? [];
    for (const [word, sentence] of Object.entries(PSEUDO)) {
      expect([word, places(sentence)]).toEqual([word, places(ENGLISH[word as keyof typeof ENGLISH])]);
    }
    speak(PSEUDO);
    expect(t("status.nodes", { count: 3 })).toMatch(/^\[3 ñö/);
  });
});

describe("the table of English", () => {
  it("has no word twice among its families", async () => {
    const families = import.meta.glob<Record<string, Record<string, string>>>("./en/*.ts", { eager: true });
    const keys = Object.values(families).flatMap((family) => Object.values(family).flatMap(Object.keys));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    expect(new Set(keys)).toEqual(new Set(Object.keys(ENGLISH)));
  });
});
