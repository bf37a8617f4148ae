import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Json, parseJson, writeJson } from "./json";

const json = fc.jsonValue().map((value) => parseJson(JSON.stringify(value))); // without -0, and long ones as bigint
const whole = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });

function asPython(value: bigint): Json {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

describe("reading and writing JSON", () => {
  it("keeps the digits of seeds", () => {
    const text = '{"seed":18446744073709551615,"low":-9223372036854775809,"edge":9007199254740991}';
    expect(parseJson(text)).toEqual({ seed: 2n ** 64n - 1n, low: -(2n ** 63n) - 1n, edge: Number.MAX_SAFE_INTEGER });
    expect(writeJson(parseJson(text))).toBe(text);
  });

  it("leaves digits in texts and fractions alone", () => {
    const text = String.raw`["18446744073709551615","\"18446744073709551615",0.12345678901234568,1e25,"NaN"]`;
    expect(parseJson(text)).toEqual([
      "18446744073709551615",
      '"18446744073709551615',
      0.12345678901234568,
      1e25,
      "NaN",
    ]);
  });

  it("reads what Python writes for numbers that are none", () => {
    expect(parseJson('{"is_changed": [NaN, -Infinity, "Infinity"]}')).toEqual({ is_changed: [null, null, "Infinity"] });
  });

  it.each(["{", "[18446744073709551615", "0018446744073709551615", "[1,]", "", "NaNs"])("refuses %s", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it("writes what it reads, whatever it is", () => {
    const values = fc.tuple(json, whole, fc.array(whole));
    fc.assert(
      fc.property(values, fc.constantFrom(0, 2), ([value, one, more], indent) => {
        const held: Json = { value, one: asPython(one), more: more.map(asPython), "\u0000": [] };
        expect(parseJson(writeJson(held, indent))).toEqual(held);
        expect(writeJson(parseJson(writeJson(held, indent)), indent)).toBe(writeJson(held, indent));
      }),
    );
  });

  it("writes as JSON.stringify does, with and without long numbers", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = writeJson([value as Json, 2n ** 70n], indent);
        expect(text.replace("1180591620717411303424", "7")).toBe(JSON.stringify([value, 7], undefined, indent));
      }),
    );
  });
});

describe("the editor", () => {
  it("reads and writes JSON nowhere else, so that no digit is lost on a side way", () => {
    const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.{ts,tsx}", "!./json.ts"], {
      query: "?raw",
      import: "default",
      eager: true,
    });
    const others = Object.entries(sources).filter(([, text]) => /JSON\.(parse|stringify)|\.json\(\)/.test(text));
    expect(others.map(([path]) => path)).toEqual([]);
    expect(Object.keys(sources).length).toBeGreaterThan(50);
  });
});
