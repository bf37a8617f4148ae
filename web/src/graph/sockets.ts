/** May a wire enter a socket? The rule of `engine/sockets.py`; both are held by `tests/fixtures/socket_types.json`. */
import { equal } from "./equal";
import type { Json } from "./json";

export function fits(received: Json, expected: Json): boolean {
  if (received === "*" || expected === "*" || same(received, expected)) return true;
  if (typeof received !== "string" || typeof expected !== "string") return false;
  const wanted = members(expected);
  return members(received).some((member) => wanted.includes(member));
}

function members(union: string): string[] {
  return union.split(",").map((member) => member.trim());
}

function same(left: Json, right: Json): boolean {
  return equal(left, right);
}
