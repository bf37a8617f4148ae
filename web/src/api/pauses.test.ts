import { expect, it } from "vitest";
import { pauses } from "./pauses";

it("waits longer each time up to eight seconds, and begins again after a success", () => {
  const pause = pauses(() => 0.5);
  const told = Array.from({ length: 8 }, () => pause.next());
  expect(told).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  pause.reset();
  expect(pause.next()).toBe(250);
});
