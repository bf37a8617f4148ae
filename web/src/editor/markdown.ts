/**
 * Markdown as a tree of plain values: headings, lists, quotes, code, emphasis and links, and nothing else.
 *
 * HTML stays the text that it is, pictures become links, and only http(s) addresses are links at all: a note of a
 * stranger's graph can be read without anything happening. Time is linear in the text.
 */

export type Inline =
  | { readonly kind: "text" | "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis"; readonly parts: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly text: string }
  | { readonly kind: "break" };

export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly parts: readonly Inline[] }
  | { readonly kind: "paragraph" | "quote"; readonly parts: readonly Inline[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "rule" };

const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^\s*(?:[-*+]|\d{1,9}[.)])\s+(.*)$/;
const ORDERED = /^\s*\d/;
const QUOTE = /^>\s?(.*)$/;
const RULE = /^(?:-{3,}|\*{3,}|_{3,})$/;
const FENCE = "```";

export function readMarkdown(text: string): Block[] {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const { block, next } = blockAt(lines, at);
    if (block) blocks.push(block);
    at = next;
  }
  return blocks;
}

interface Read {
  readonly block?: Block;
  readonly next: number;
}

function blockAt(lines: readonly string[], at: number): Read {
  const line = lines[at] ?? "";
  if (!line.trim()) return { next: at + 1 };
  if (line.startsWith(FENCE)) return fenced(lines, at);
  if (RULE.test(line.trim())) return { block: { kind: "rule" }, next: at + 1 };
  const heading = HEADING.exec(line);
  if (heading)
    return {
      block: { kind: "heading", level: heading[1]?.length ?? 1, parts: inlines(heading[2] ?? "") },
      next: at + 1,
    };
  if (ITEM.test(line)) return listed(lines, at);
  if (QUOTE.test(line)) return quoted(lines, at);
  const end = runUntil(lines, at, (other) => !other.trim() || startsBlock(other));
  return { block: { kind: "paragraph", parts: inlines(lines.slice(at, end).join("\n")) }, next: end };
}

function startsBlock(line: string): boolean {
  return line.startsWith(FENCE) || HEADING.test(line) || ITEM.test(line) || QUOTE.test(line);
}

function runUntil(lines: readonly string[], at: number, ends: (line: string) => boolean): number {
  const end = lines.findIndex((line, index) => index > at && ends(line));
  return end < 0 ? lines.length : end;
}

function fenced(lines: readonly string[], at: number): Read {
  const end = runUntil(lines, at, (line) => line.startsWith(FENCE));
  return { block: { kind: "code", text: lines.slice(at + 1, end).join("\n") }, next: end + 1 };
}

function listed(lines: readonly string[], at: number): Read {
  const end = runUntil(lines, at, (line) => !ITEM.test(line));
  const items = lines.slice(at, end).map((line) => inlines(ITEM.exec(line)?.[1] ?? ""));
  return { block: { kind: "list", ordered: ORDERED.test(lines[at] ?? ""), items }, next: end };
}

function quoted(lines: readonly string[], at: number): Read {
  const end = runUntil(lines, at, (line) => !QUOTE.test(line));
  const text = lines.slice(at, end).map((line) => QUOTE.exec(line)?.[1] ?? "");
  return { block: { kind: "quote", parts: inlines(text.join("\n")) }, next: end };
}

/** The first mark in a text. Every part of it is bounded by characters that it may not hold, so none is read twice. */
const MARK =
  /`([^`\n]+)`|!?\[([^\][\n]{0,500})\]\(\s*([^()\s]{1,2000})[^()\n]{0,200}\)|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|(?<!\w)_([^_\n]+)_(?!\w)|(https?:\/\/[^\s<>()]+)|\n/g;

export function inlines(text: string): Inline[] {
  const parts: Inline[] = [];
  let done = 0;
  for (const match of text.matchAll(MARK)) {
    if (match.index > done) parts.push({ kind: "text", text: text.slice(done, match.index) });
    parts.push(marked(match));
    done = match.index + match[0].length;
  }
  if (done < text.length) parts.push({ kind: "text", text: text.slice(done) });
  return parts;
}

function marked([whole, code, label, href, strong, star, low, bare]: RegExpMatchArray): Inline {
  if (code !== undefined) return { kind: "code", text: code };
  if (strong !== undefined) return { kind: "strong", parts: inlines(strong) };
  const emphasis = star ?? low;
  if (emphasis !== undefined) return { kind: "emphasis", parts: [{ kind: "text", text: emphasis }] };
  const address = href ?? bare;
  if (address === undefined) return { kind: "break" };
  return isWeb(address) ? { kind: "link", href: address, text: label || address } : { kind: "text", text: whole };
}

/** Only what a browser would fetch over http(s) may be a link. */
export function isWeb(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && (url.protocol === "https:" || url.protocol === "http:");
}
