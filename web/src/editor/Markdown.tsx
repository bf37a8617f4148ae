/** Markdown of a note as elements; see `markdown.ts` for what is left out and why. */
import { createElement, Fragment, type ReactNode, useMemo } from "react";
import { type Block, type Inline, readMarkdown } from "./markdown";

export function Markdown({ text }: { readonly text: string }) {
  const blocks = useMemo(() => readMarkdown(text), [text]);
  return <div className="markdown">{keyed(blocks.map(shownBlock))}</div>;
}

/** Children in an order that never changes. */
function keyed(nodes: readonly ReactNode[]): ReactNode {
  return nodes.map((node, index) => <Fragment key={String(index)}>{node}</Fragment>);
}

function shownBlock(block: Block): ReactNode {
  switch (block.kind) {
    case "heading":
      return createElement(`h${Math.min(6, block.level + 2)}`, null, keyed(block.parts.map(shown)));
    case "paragraph":
      return <p>{keyed(block.parts.map(shown))}</p>;
    case "quote":
      return <blockquote>{keyed(block.parts.map(shown))}</blockquote>;
    case "list":
      return createElement(
        block.ordered ? "ol" : "ul",
        null,
        keyed(block.items.map((item) => createElement("li", null, keyed(item.map(shown))))),
      );
    case "code":
      return <pre>{block.text}</pre>;
    case "rule":
      return <hr />;
  }
}

function shown(part: Inline): ReactNode {
  switch (part.kind) {
    case "text":
      return part.text;
    case "code":
      return <code>{part.text}</code>;
    case "strong":
      return <strong>{keyed(part.parts.map(shown))}</strong>;
    case "emphasis":
      return <em>{keyed(part.parts.map(shown))}</em>;
    case "break":
      return <br />;
    case "link":
      return (
        <a className="nodrag" href={part.href} title={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      );
  }
}
