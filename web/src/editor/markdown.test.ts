import { describe, expect, it } from "vitest";
import { inlines, isWeb, readMarkdown } from "./markdown";

describe("Markdown of notes", () => {
  it("has headings, lists, quotes, code and emphasis", () => {
    const text = "# One\n\nsome *soft* and **loud** `code`\n\n- a\n- b\n\n1. c\n\n> said\n\n```\nlet x\n```\n---";
    expect(readMarkdown(text).map((block) => block.kind)).toEqual([
      "heading",
      "paragraph",
      "list",
      "list",
      "quote",
      "code",
      "rule",
    ]);
    expect(inlines("some *soft* and **loud** `code`").map((part) => part.kind)).toEqual([
      "text",
      "emphasis",
      "text",
      "strong",
      "text",
      "code",
    ]);
  });

  it("has links to the web and to nowhere else", () => {
    expect(inlines("[a](https://example.org)")).toEqual([{ kind: "link", href: "https://example.org", text: "a" }]);
    expect(inlines("![a](https://example.org/x.png)")[0]?.kind).toBe("link");
    expect(inlines("[a](javascript:alert(1))").every((part) => part.kind !== "link")).toBe(true);
    for (const address of ["javascript:alert(1)", "data:text/html,x", "/queue", "file:///etc/passwd", "  javascript:x"])
      expect(isWeb(address)).toBe(false);
  });

  it("leaves HTML the text that it is", () => {
    expect(inlines("<script>alert(1)</script>")).toEqual([{ kind: "text", text: "<script>alert(1)</script>" }]);
  });

  it("leaves nothing out of any text", () => {
    const text = "a_b_c **unclosed [x](y `z\n> * 1.";
    const flat = JSON.stringify(readMarkdown(text));
    for (const word of ["a_b_c", "unclosed", "x", "y"]) expect(flat).toContain(word);
  });

  it.each(["[", "*", "`", "![](", "> ", "_a", "http://"])("reads 100,000 of %s in one go", (piece) => {
    expect(readMarkdown(piece.repeat(100_000)).length).toBeGreaterThan(0);
  });
});
