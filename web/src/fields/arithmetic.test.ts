import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "./arithmetic";

describe("what a number field understands", () => {
  it.each([
    ["512*2", 1024],
    [" 1 + 2 * 3 ", 7],
    ["(1+2)*3", 9],
    ["2**3**2", 512],
    ["2^10", 1024],
    ["-2**2", -4],
    ["-5 - -3", -2],
    ["+7", 7],
    ["1024/3", 1024 / 3],
    ["7 % 4", 3],
    ["1e3", 1000],
    [".5", 0.5],
    ["0,75", 0.75],
    ["2*(3+(4-1))", 12],
  ])("%s is %d", (text, value) => {
    expect(evaluate(text)).toBe(value);
  });

  it.each(["", "abc", "1 2", "(1", "1)", "*3", "3*", "()", "1/0", "alert(1)", "1..2", "2 ** ** 2", "--"])(
    "%j is nothing",
    (text) => {
      expect(evaluate(text)).toBeUndefined();
    },
  );

  it("loses no digit of a whole number of 64 bits", () => {
    expect(evaluate("18446744073709551615")).toBe(18446744073709551615n);
    expect(evaluate("18446744073709551615-1")).toBe(18446744073709551614n);
    expect(evaluate("4294967296*4294967296-1")).toBe(18446744073709551615n);
  });

  it("is right about every sum, difference and product", () => {
    const integer = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n });
    fc.assert(
      fc.property(integer, integer, integer, (a, b, c) => {
        expect(BigInt(evaluate(`(${a}) + (${b}) * (${c})`) ?? 0)).toBe(a + b * c);
        expect(BigInt(evaluate(`${a} - (${b} - ${c})`) ?? 0)).toBe(a - (b - c));
      }),
    );
  });

  it("never throws", () => {
    const pieces = fc.array(fc.constantFrom("1", "2.5", "+", "-", "*", "/", "**", "(", ")", " ", "e", "x", "%"));
    fc.assert(
      fc.property(pieces, (parts) => {
        const value = evaluate(parts.join(""));
        expect(value === undefined || typeof value === "bigint" || Number.isFinite(value)).toBe(true);
      }),
    );
  });
});
