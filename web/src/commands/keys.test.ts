import { describe, expect, it } from "vitest";
import { COMMANDS } from ".";
import { ariaKeys, isPressed, type Stroke, written } from "./keys";

const NONE = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, code: "" };

function stroke(key: string, more: Partial<Stroke> = {}): Stroke {
  return { ...NONE, key, ...more };
}

describe("a key", () => {
  it("is Ctrl, and Command on a Mac, and not both", () => {
    const ctrl = stroke("z", { ctrlKey: true });
    const command = stroke("z", { metaKey: true });
    expect([isPressed("Ctrl+Z", ctrl, false), isPressed("Ctrl+Z", command, false)]).toEqual([true, false]);
    expect([isPressed("Ctrl+Z", ctrl, true), isPressed("Ctrl+Z", command, true)]).toEqual([false, true]);
  });

  it("is the letter of the user's layout, wherever it stands on the keyboard", () => {
    expect(isPressed("Ctrl+Z", stroke("z", { ctrlKey: true, code: "KeyY" }))).toBe(true);
    expect(isPressed("Ctrl+Y", stroke("z", { ctrlKey: true, code: "KeyY" }))).toBe(false);
  });

  it("is the place of the letter where the layout has no Latin ones", () => {
    expect(isPressed("Ctrl+Z", stroke("я", { ctrlKey: true, code: "KeyZ" }))).toBe(true);
    expect(isPressed("Alt+C", stroke("ç", { altKey: true, code: "KeyC" }))).toBe(true);
  });

  it("is a sign wherever the layout has it, with Shift or without", () => {
    expect(isPressed("?", stroke("?", { shiftKey: true, code: "Slash" }))).toBe(true);
    expect(isPressed("?", stroke("?", { code: "Comma" }))).toBe(true);
    expect(isPressed("+", stroke("+"))).toBe(true);
  });

  it("is not the same with Shift", () => {
    expect(isPressed("Ctrl+Enter", stroke("Enter", { ctrlKey: true, shiftKey: true }))).toBe(false);
    expect(isPressed("Ctrl+Shift+Enter", stroke("Enter", { ctrlKey: true, shiftKey: true }))).toBe(true);
  });
});

describe("keys as people read them", () => {
  it("have the signs of a Mac on a Mac", () => {
    expect([written("Ctrl+Shift+Z", false), written("Ctrl+Shift+Z", true)]).toEqual(["Ctrl+Shift+Z", "⌘⇧Z"]);
    expect(written("Ctrl++", false)).toBe("Ctrl++");
    expect(ariaKeys(["Ctrl+Y", "Ctrl+Shift+Z"])).toBe("Control+Y Control+Shift+Z");
  });
});

describe("the table of commands", () => {
  it("names each command once, and gives each key to one", () => {
    const ids = COMMANDS.map(({ id }) => id);
    const keys = COMMANDS.flatMap((command) => command.keys ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("says why wherever something can not always be done", () => {
    for (const { id, enabled, why } of COMMANDS) expect([id, !enabled || why !== undefined]).toEqual([id, true]);
  });
});
