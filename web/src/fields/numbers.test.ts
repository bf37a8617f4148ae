import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../graph/json";
import { atShare, kept, ruleOf, share, shown, snapped, stepped } from "./numbers";

function rule(type: string, options: object) {
  return ruleOf({ name: "n", type, choices: undefined, required: true, options: options as JsonObject });
}

const SEED = rule("INT", { min: 0, max: 18446744073709551615n });
const SIZE = rule("INT", { min: 16, max: 16384, step: 8 });
const ODD = rule("INT", { min: 1, max: 65, step: 8 });
const CFG = rule("FLOAT", { min: 0, max: 100, step: 0.1, round: 0.01 });

describe("numbers of fields", () => {
  it("keeps every digit of a seed, at its bounds too", () => {
    expect(stepped(18446744073709551614n, SEED, 1)).toBe(18446744073709551615n);
    expect(stepped(18446744073709551615n, SEED, 1)).toBe(18446744073709551615n);
    expect(stepped(9007199254740991, SEED, 1)).toBe(9007199254740992n);
    expect(stepped(9007199254740992n, SEED, -1)).toBe(9007199254740991);
    expect(stepped(0, SEED, -1)).toBe(0);
    expect(shown(18446744073709551615n, SEED)).toBe("18446744073709551615");
  });

  it("steps on the raster that the least value begins", () => {
    expect(stepped(512, SIZE, 1)).toBe(520);
    expect(stepped(513, SIZE, 1)).toBe(520);
    expect(stepped(1, ODD, 1)).toBe(9);
    expect(snapped(12, ODD)).toBe(9);
    expect(snapped(20, SIZE)).toBe(16);
    expect(snapped(100000, SIZE)).toBe(16384);
  });

  it("rounds as the input asks", () => {
    expect(kept(7.456, CFG)).toBe(7.46);
    expect(stepped(0.1, CFG, 2)).toBe(0.3);
    expect(kept(0.123456, rule("FLOAT", { step: 0.01 }))).toBe(0.12);
    expect(kept(0.123456, rule("FLOAT", { step: 0.01, round: false }))).toBe(0.123456);
    expect(kept(7.6, rule("INT", {}))).toBe(8);
    expect(kept(-3, CFG)).toBe(0);
  });

  it("shows the decimals of a step, and never fewer than there are", () => {
    expect(shown(8, CFG)).toBe("8.0");
    expect(shown(8.25, CFG)).toBe("8.25");
    expect(shown(1, rule("FLOAT", { step: 0.01 }))).toBe("1.00");
    expect(shown(0.1 + 0.2, rule("FLOAT", { step: 0.01, round: false }))).toBe("0.3");
  });

  it("is always within its bounds", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: -50, max: 50 }),
        (value, by) => {
          for (const one of [SEED, SIZE, ODD, CFG]) {
            const found = stepped(kept(value, one), one, by);
            expect(found >= (one.min ?? found) && found <= (one.max ?? found)).toBe(true);
          }
        },
      ),
    );
  });

  it("finds the value at a place of a slider, and the place of a value", () => {
    expect(share(50, CFG)).toBe(0.5);
    expect(atShare(0.5, CFG)).toBe(50);
    expect(atShare(2, SIZE)).toBe(16384);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        (part) => Math.abs(share(atShare(part, CFG), CFG) - part) < 0.001,
      ),
    );
  });
});
