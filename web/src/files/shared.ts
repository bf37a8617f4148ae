/**
 * One document in several windows of a browser: every edit is told to the others, which follow. Versions are numbered as
 * Lamport does; of two edits made at once both windows make the same third version.
 */
import { withOwnParts } from "../graph/adopt";
import type { Document } from "../graph/document";
import { merge } from "../graph/merge";

/** A version: its count, and which window made it; equal counts are ordered by window. */
export interface Mark {
  readonly count: number;
  readonly by: string;
}

export interface Edit {
  readonly mark: Mark;
  /** The version that was edited. */
  readonly after: Mark;
  readonly document: Document;
}

const START: Mark = { count: 0, by: "" };
/** Versions that are remembered, to find what two edits made at once have in common. */
const MEMORY = 24;

/** What a window knows of one document that others may have too. */
export class Shared {
  #mark: Mark = START;
  #document: Document;
  #known: Map<string, Document>;

  constructor(
    readonly by: string,
    document: Document,
  ) {
    this.#document = document;
    this.#known = new Map([[spelled(START), document]]);
  }

  get document(): Document {
    return this.#document;
  }

  /** The edit to tell the others of; undefined where there was none since. */
  edited(document: Document): Edit | undefined {
    if (document === this.#document) return undefined;
    const after = this.#mark;
    this.#take({ count: after.count + 1, by: this.by }, document);
    return { mark: this.#mark, after, document };
  }

  /** What to tell a window that has just opened the document. */
  standing(): Edit {
    return { mark: this.#mark, after: this.#mark, document: this.#document };
  }

  /** Hear of an edit of another window. @returns the document to show, which is ours where nothing is to be done. */
  hear({ mark, after, document }: Edit): Document {
    if (this.#known.has(spelled(mark))) return this.#document;
    if (same(after, this.#mark) || this.#isNew()) {
      this.#take(mark, withOwnParts(this.#document, document));
      return this.#document;
    }
    return this.#joined(mark, after, document);
  }

  /** Two edits at once: the later mark counts as the first of both, on either side. */
  #joined(mark: Mark, after: Mark, document: Document): Document {
    const base = this.#known.get(spelled(after)) ?? this.#document;
    const isOurs = isLater(this.#mark, mark);
    const [first, second] = isOurs ? [this.#document, document] : [document, this.#document];
    const joined = merge(base, first, second).document;
    this.#known.set(spelled(mark), document);
    const by = [this.#mark.by, mark.by].sort().join("+");
    this.#take({ count: Math.max(this.#mark.count, mark.count) + 1, by }, withOwnParts(this.#document, joined));
    return this.#document;
  }

  /** Nothing was edited here, nor heard of. */
  #isNew(): boolean {
    return this.#mark.count === 0;
  }

  #take(mark: Mark, document: Document): void {
    this.#mark = mark;
    this.#document = document;
    this.#known.set(spelled(mark), document);
    for (const key of [...this.#known.keys()].slice(0, -MEMORY)) this.#known.delete(key);
  }
}

function spelled({ count, by }: Mark): string {
  return `${count} ${by}`;
}

function same(left: Mark, right: Mark): boolean {
  return left.count === right.count && left.by === right.by;
}

function isLater(left: Mark, right: Mark): boolean {
  return left.count === right.count ? left.by > right.by : left.count > right.count;
}
