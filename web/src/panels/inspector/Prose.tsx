/** A description as paragraphs, lists and headings; `code` in it stands out. Nothing in it is markup. */
import { blocksOf } from "./paragraphs";

export function Prose({ text }: { readonly text: string }) {
  return (
    <div className="prose">
      {blocksOf(text).map((block, index) => {
        const key = `${index}`;
        if (block.kind === "head") return <h3 key={key}>{block.text}</h3>;
        if (block.kind === "text") return <Paragraph key={key} text={block.text} />;
        return (
          <ul key={key}>
            {block.items.map((item) => (
              <li key={item}>
                <Inline text={item} />
              </li>
            ))}
          </ul>
        );
      })}
    </div>
  );
}

function Paragraph({ text }: { readonly text: string }) {
  return (
    <p>
      <Inline text={text} />
    </p>
  );
}

/** Text with its `code`. */
export function Inline({ text }: { readonly text: string }) {
  return text.split(/`([^`]+)`/).map((piece, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name than their place.
    index % 2 === 1 ? <code key={index}>{piece}</code> : piece,
  );
}
