import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Marked, reweight, WEIGHT_STEP } from "./weights";

/** A text with its marks: `a |cat| sat`; one bar is a caret. */
function marked(drawn: string): Marked {
  const start = drawn.indexOf("|");
  const second = drawn.indexOf("|", start + 1);
  return { text: drawn.replaceAll("|", ""), start, end: second < 0 ? start : second - 1 };
}

function press(drawn: string, times: number): string {
  let now = marked(drawn);
  for (let count = 0; count < Math.abs(times); count += 1) now = reweight(now, Math.sign(times) * WEIGHT_STEP);
  return now.text;
}

describe("weights of a prompt", () => {
  it.each([
    ["a c|at sat", 1, "a (cat:1.05) sat"],
    ["a c|at sat", 2, "a (cat:1.1) sat"],
    ["a c|at sat", -1, "a (cat:0.95) sat"],
    ["a |black cat| sat", 1, "a (black cat:1.05) sat"],
    ["a | black cat | sat", 1, "a  (black cat:1.05)  sat"],
    ["a (c|at:1.05) sat", -1, "a cat sat"],
    ["a (|cat|:1.2) sat", 1, "a (cat:1.25) sat"],
    ["a |(cat:1.2)| sat", 1, "a (cat:1.25) sat"],
    ["a (c|at) sat", 1, "a (cat:1.15) sat"],
    ["(a (b|ig:1.1) cat:1.2)", 1, "(a (big:1.15) cat:1.2)"],
    ["(a big c|at:1.2)", 1, "(a big cat:1.25)"],
    ["ultra-det|ailed, x", 1, "(ultra-detailed:1.05), x"],
    ["smile \\(c|at\\)", 1, "smile \\((cat:1.05)\\)"],
    ["|(a) b (c)|", 1, "((a) b (c):1.05)"],
    ["a | b", 1, "a  b"],
    ["|", 1, ""],
  ])("%j, pressed %d times, is %j", (drawn, times, text) => {
    expect(press(drawn, times)).toBe(text);
  });

  it("gives the text back after as many presses down as up", () => {
    const words = fc.array(fc.constantFrom("cat", "a dog", "red,", "Zoë"), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.nat(), fc.integer({ min: 1, max: 15 }), (parts, at, times) => {
        const text = parts.join(" ");
        const caret = at % (text.length + 1);
        let now: Marked = { text, start: caret, end: caret };
        for (let count = 0; count < times; count += 1) now = reweight(now, WEIGHT_STEP);
        for (let count = 0; count < times; count += 1) now = reweight(now, -WEIGHT_STEP);
        expect(now.text).toBe(text);
      }),
    );
  });
});
