// @vitest-environment node
/** No component says anything that is not in the tables of words: what is seen, read out or noted goes through `t`. */
import { parseAst } from "vite";
import { describe, expect, it } from "vitest";
import { ENGLISH } from "./english";

const SOURCES = import.meta.glob<string>(["../**/*.tsx", "../**/*.ts", "!../**/*.test.*", "!../words/**"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Attributes that people read or hear. */
const SAID = new Set(["aria-label", "aria-description", "aria-valuetext", "title", "placeholder", "alt", "label"]);
/** Functions that say what they are given, and which argument. */
const SAYERS: Readonly<Record<string, number>> = { notify: 1, edit: 0, editDocument: 0, announce: 0 };
/** Names of things that are called so in every language. */
const NAMES = /^(ldm_nodes|Markdown)$/;

interface Syntax {
  readonly type: string;
  readonly [part: string]: unknown;
}

function literalsIn(path: string, source: string): string[] {
  const found: string[] = [];
  const open: Syntax[] = [parseAst(source, { lang: path.endsWith("x") ? "tsx" : "ts" }) as unknown as Syntax];
  for (let node = open.pop(); node; node = open.pop()) {
    found.push(...saidBy(node).filter(isSentence));
    for (const part of Object.values(node)) open.push(...[part].flat().filter(isSyntax));
  }
  return found;
}

/** Words, that are neither a name nor the key of words in the table. */
function isSentence(text: string): boolean {
  return /\p{L}{2}/u.test(text) && !NAMES.test(text.trim()) && !(text in ENGLISH);
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === "object" && value !== null && typeof (value as Syntax).type === "string";
}

function saidBy(node: Syntax): string[] {
  if (node.type === "JSXText") return [String(node.value)];
  if (node.type === "JSXElement" || node.type === "JSXFragment") return (node.children as Syntax[]).flatMap(expressed);
  if (node.type === "JSXAttribute") return SAID.has(String((node.name as Syntax).name)) ? textsOf(node.value) : [];
  if (node.type !== "CallExpression") return [];
  const { name } = node.callee as Syntax;
  const argument = SAYERS[String(name)];
  return argument === undefined ? [] : textsOf((node.arguments as Syntax[])[argument]);
}

function expressed(child: Syntax): string[] {
  return child.type === "JSXExpressionContainer" ? textsOf(child.expression) : [];
}

/** The texts that an expression can be, as far as they are written in it. */
function textsOf(node: unknown): string[] {
  if (!isSyntax(node)) return [];
  switch (node.type) {
    case "Literal":
      return typeof node.value === "string" ? [node.value] : [];
    case "TemplateLiteral":
      return (node.quasis as { value: { cooked: string } }[]).map((part) => part.value.cooked);
    case "JSXExpressionContainer":
      return textsOf(node.expression);
    case "ConditionalExpression":
      return [...textsOf(node.consequent), ...textsOf(node.alternate)];
    case "LogicalExpression":
      return [...textsOf(node.left), ...textsOf(node.right)];
    default:
      return [];
  }
}

describe("components", () => {
  it("say nothing of their own", () => {
    const told = Object.entries(SOURCES).flatMap(([path, source]) =>
      literalsIn(path, source).map((text) => `${path}: ${text.trim()}`),
    );
    expect(Object.keys(SOURCES).length).toBeGreaterThan(100);
    expect(told).toEqual([]);
  });

  it("would be caught if they did", () => {
    const source = `const A = () => <p title="Some words">{open ? "more words" : t("x")} words <b>{\`\${n} nodes\`}</b></p>;
      notify("bad", "Oh dear"); edit("Move", (x) => x);`;
    const said = literalsIn("a.tsx", source).map((text) => text.trim());
    expect(said.toSorted()).toEqual(["Move", "Oh dear", "Some words", "more words", "nodes", "words"]);
  });
});
