/** A node's description, which is a docstring: paragraphs, lists, and sections such as "Args:". */

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "head"; readonly text: string };

const HEAD = /^(?:#+\s+(.+?):?|([A-Z][A-Za-z ]{2,24}):)$/;
const ITEM = /^\s*[-*•]\s+/;

export function blocksOf(description: string): Block[] {
  return description
    .replace(/\r\n/g, "\n")
    .split(/\n\s*\n/)
    .flatMap((paragraph) => paragraphBlocks(paragraph.split("\n").filter((line) => line.trim() !== "")));
}

export function firstParagraph(description: string): string {
  const first = blocksOf(description).find((block) => block.kind === "text");
  return first?.kind === "text" ? first.text : "";
}

function paragraphBlocks(lines: readonly string[]): Block[] {
  const [first = "", ...rest] = lines;
  if (lines.length === 0) return [];
  const head = HEAD.exec(first.trim());
  if (head) return [{ kind: "head", text: head[1] ?? head[2] ?? "" }, ...paragraphBlocks(rest)];
  if (ITEM.test(first)) return [{ kind: "list", items: itemsOf(lines) }];
  return [{ kind: "text", text: lines.map((line) => line.trim()).join(" ") }];
}

/** Lines that begin an item, each with the lines that go on with it. */
function itemsOf(lines: readonly string[]): string[] {
  const items: string[] = [];
  for (const line of lines) {
    const begins = ITEM.test(line) || items.length === 0;
    const words = line.replace(ITEM, "").trim();
    items.push(begins ? words : `${items.pop() ?? ""} ${words}`);
  }
  return items;
}
