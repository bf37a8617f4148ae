import { expect, it } from "vitest";
import { ago, amount, duration, left } from "./times";

it("says durations as people do", () => {
  expect([0.42, 9.94, 12.4, 65, 7800].map(duration)).toEqual(["0.4 s", "9.9 s", "12 s", "1 min 05 s", "2 h 10 min"]);
});

it("says what is left in whole seconds", () => {
  expect([0.3, 2.1, 59.6].map(left)).toEqual(["< 1 s", "3 s", "1 min 00 s"]);
});

it("says how long ago something was", () => {
  expect([100, 60, 5, -3].map((passed) => ago(1000 - passed, 1000))).toEqual([
    "1 min ago",
    "1 min ago",
    "5 s ago",
    "just now",
  ]);
});

it("says amounts of memory", () => {
  expect([amount(412 * 2 ** 20), amount(7.94 * 2 ** 30)]).toEqual(["412 MB", "7.9 GB"]);
});
