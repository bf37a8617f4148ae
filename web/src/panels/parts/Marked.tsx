/** A title with the letters marked that were looked for. */
import { marked } from "../../graph/wordMatch";

interface Props {
  readonly title: string;
  readonly words: readonly string[];
}

export function Marked({ title, words }: Props) {
  if (words.length === 0) return title;
  return marked(title, words).map(({ text, hit }, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name than their place.
    hit ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
  );
}
