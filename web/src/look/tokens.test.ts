/** The colours of each theme, measured against WCAG 2.2: text 4.5 : 1, what tells where something is 3 : 1. */
import { describe, expect, it } from "vitest";
import { PALETTE } from "../editor/tint";
import CSS from "../styles/tokens.css?raw";
import { contrast, hex, mixed, oklch, type Rgb } from "./contrast";
import { shadeOf } from "./theme";

const DARK = tokensOf(":root");
const THEMES = {
  dark: DARK,
  light: new Map([...DARK, ...tokensOf(':root[data-theme="light"]')]),
  contrast: new Map([...DARK, ...tokensOf(':root[data-theme="contrast"]')]),
};

const GROUNDS = ["ground", "raised", "card"];
const WORDS = ["text", "quiet", "accent", "good", "warn", "bad"];
const TYPES = ["image", "mask", "latent", "model", "clip", "vae", "conditioning", "value"].map(
  (type) => `type-${type}`,
);

function tokensOf(selector: string): Map<string, string> {
  const block = CSS.slice(CSS.indexOf(`${selector} {`)).split("}")[0] ?? "";
  return new Map([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = "", value = ""]) => [name, value]));
}

describe.each(Object.entries(THEMES))("the %s theme", (theme, tokens) => {
  const colour = (name: string): Rgb => hex(tokens.get(name) ?? "");
  const share = (name: string): number => Number.parseFloat(tokens.get(name) ?? "") / 100;
  const text = theme === "contrast" ? 7 : 4.5;

  it.each(GROUNDS)("writes legibly on %s", (ground) => {
    for (const word of WORDS) {
      expect([word, contrast(colour(word), colour(ground))]).toEqual([word, atLeast(text)]);
    }
  });

  it("writes legibly on what is chosen, and on the accent", () => {
    for (const ground of GROUNDS) {
      const wash = mixed(colour("accent"), colour(ground), share("wash-share"));
      for (const word of ["text", "quiet"]) expect([word, contrast(colour(word), wash)]).toEqual([word, atLeast(4.5)]);
    }
    expect(contrast(colour("on-accent"), colour("accent"))).toEqual(atLeast(text));
  });

  it("writes legibly on the colours that a node may be given", () => {
    for (const { color, bgcolor } of Object.values(PALETTE)) {
      const title = mixed(hex(color), colour("card"), share("title-mix"));
      const body = mixed(hex(bgcolor), colour("card"), share("body-mix"));
      expect([color, contrast(colour("text"), title)]).toEqual([color, atLeast(4.5)]);
      expect([bgcolor, contrast(colour("quiet"), body)]).toEqual([bgcolor, atLeast(4.5)]);
    }
  });

  it.each(GROUNDS)("shows sockets, edges and the focus on %s", (ground) => {
    for (const name of [...TYPES, "edge", "accent"]) {
      expect([name, contrast(colour(name), colour(ground))]).toEqual([name, atLeast(3)]);
    }
    const lightness = Number(tokens.get("type-lightness"));
    for (let hue = 0; hue < 360; hue += 5) {
      expect([hue, contrast(oklch(lightness, 0.11, hue), colour(ground))]).toEqual([hue, atLeast(3)]);
    }
  });
});

function atLeast(least: number): unknown {
  return expect.toSatisfy((ratio: number) => ratio >= least, `at least ${least} : 1`);
}

describe("contrast", () => {
  it("is what WCAG says it is", () => {
    expect(contrast(hex("#ffffff"), hex("#000000"))).toBeCloseTo(21);
    expect(contrast(hex("#777777"), hex("#ffffff"))).toBeCloseTo(4.48, 2);
    expect(oklch(0.627955, 0.257683, 29.2339).map((channel) => Math.round(channel * 255))).toEqual([255, 0, 0]);
  });
});

describe("the theme", () => {
  it("is the system's where nothing is chosen", () => {
    const asks = (wanted: string) => (query: string) => query.includes(wanted);
    expect(shadeOf("system", asks("light"))).toBe("light");
    expect(shadeOf("system", asks("more"))).toBe("contrast");
    expect(shadeOf("system", asks("nothing"))).toBe("dark");
    expect(shadeOf("dark", asks("light"))).toBe("dark");
  });
});
