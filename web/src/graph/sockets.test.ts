import { describe, expect, it } from "vitest";
import table from "../../../tests/fixtures/socket_types.json";
import type { Json } from "./json";
import { fits } from "./sockets";

describe("the rule for wires, which the engine shares", () => {
  it.each(table.cases)("$received into $expected: $fits", ({ received, expected, fits: wanted }) => {
    expect(fits(received as Json, expected as Json)).toBe(wanted);
  });
});
