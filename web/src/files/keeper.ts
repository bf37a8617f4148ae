/**
 * Keeps one document: its last edit is sent half a second after it, or a second after the first that was not sent. One version is under way at a time; what cannot be sent stays in the browser and is tried again.
 */
import type { Document } from "../graph/document";
import { digest } from "./digest";
import type { Version, Writing } from "./journal";
import type { Unsent } from "./unsent";

export const PAUSE = 500;
export const LONGEST_WAIT = 1000;
export const RETRY = 2000;
/** An answer that takes longer counts as none. */
export const PATIENCE = 5000;

/** What of a document is kept now. */
export interface State {
  readonly document: Document;
  readonly writing: () => Writing;
}

export interface Ways {
  readonly send: (writing: Writing, signal: AbortSignal) => Promise<Version>;
  /** Keep in the browser what could not be sent. */
  readonly keep: (unsent: Unsent) => Promise<void>;
  readonly drop: (document: string) => Promise<void>;
  /** Whether another attempt could succeed; else the failure is told once. */
  readonly isPassing: (error: unknown) => boolean;
  readonly told: (keeper: Keeper, error?: unknown) => void;
}

export class Keeper {
  #state: State;
  #sent: Document;
  #after = 0;
  #tried = "";
  #waitsSince: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy: Promise<void> | undefined;
  #first: (() => Writing) | undefined;
  /** The last attempt failed. */
  away = false;

  /** @param first the version to send before the first edit, so that one can go back to what was opened. */
  constructor(
    readonly ways: Ways,
    state: State,
    first?: () => Writing,
  ) {
    this.#state = state;
    this.#sent = state.document;
    this.#first = first;
  }

  get waits(): boolean {
    return this.#sent !== this.#state.document;
  }

  /** Hear of the document as it is now. */
  hear(state: State): void {
    const isEdited = state.document !== this.#state.document;
    this.#state = state;
    if (!isEdited) return;
    const now = Date.now();
    this.#waitsSince ??= now;
    this.#wake(Math.max(0, Math.min(PAUSE, this.#waitsSince + LONGEST_WAIT - now)));
    this.ways.told(this);
  }

  /** Take the document as it is for sent: another window sends it. */
  skip(state: State): void {
    this.#state = state;
    this.#sent = state.document;
    this.#waitsSince = null;
    clearTimeout(this.#timer);
  }

  /** Send what waits, without waiting longer. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#busy;
    if (!this.waits) return;
    this.#busy = this.#send().finally(() => {
      this.#busy = undefined;
    });
    await this.#busy;
  }

  /** What waits, for a page that closes; undefined where nothing does. */
  pending(): Unsent | undefined {
    return this.waits ? { ...this.#state.writing(), after: this.#after, tried: this.#tried } : undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wake(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), delay);
  }

  async #send(): Promise<void> {
    const { document, writing } = this.#state;
    const text = writing();
    this.#waitsSince = null;
    try {
      if (this.#first) await this.#try(this.#first());
      this.#first = undefined;
      await this.#try(text);
      this.#sent = document;
      const wasAway = this.away;
      this.away = false;
      if (wasAway) await this.ways.drop(text.document);
      this.ways.told(this);
    } catch (error) {
      await this.#failed(text, error);
    }
  }

  async #try(writing: Writing): Promise<void> {
    this.#tried = digest(writing.text);
    const { number } = await this.ways.send(writing, AbortSignal.timeout(PATIENCE));
    this.#after = number;
  }

  async #failed(writing: Writing, error: unknown): Promise<void> {
    this.away = true;
    await this.ways.keep({ ...writing, after: this.#after, tried: this.#tried });
    if (this.ways.isPassing(error)) this.#wake(RETRY);
    this.ways.told(this, error);
  }
}
