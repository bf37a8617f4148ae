/**
 * Undo: the documents that were, each with the words for what led away from it.
 *
 * Documents are values, so an entry is a reference and costs nothing; undoing everything gives back the very object that
 * was opened. Edits with the same `merge` key that follow each other are one entry: a drag, a run of typing.
 */
import type { Document } from "./document";

/** How many steps are kept. */
export const DEPTH = 2000;

interface Step {
  readonly document: Document;
  readonly label: string;
}

export interface History {
  readonly past: readonly Step[];
  readonly present: Document;
  readonly future: readonly Step[];
  /** The key under which the last edit may still grow; undefined after undo, redo or a pause. */
  readonly merge: string | undefined;
}

export function begin(document: Document): History {
  return { past: [], present: document, future: [], merge: undefined };
}

/** The history after an edit. An edit that returned the same document leaves no entry. */
export function record(history: History, document: Document, label: string, merge?: string): History {
  if (document === history.present) return history;
  if (merge !== undefined && merge === history.merge) return { ...history, present: document, future: [] };
  const past = [...history.past, { document: history.present, label }].slice(-DEPTH);
  return { past, present: document, future: [], merge };
}

/** The history in which the next edit is an entry of its own: the hand has left the mouse or the field. */
export function settle(history: History): History {
  return history.merge === undefined ? history : { ...history, merge: undefined };
}

export function undo(history: History): History {
  const step = history.past.at(-1);
  if (!step) return history;
  return {
    past: history.past.slice(0, -1),
    present: step.document,
    future: [{ document: history.present, label: step.label }, ...history.future],
    merge: undefined,
  };
}

export function redo(history: History): History {
  const [step, ...future] = history.future;
  if (!step) return history;
  return {
    past: [...history.past, { document: history.present, label: step.label }],
    present: step.document,
    future,
    merge: undefined,
  };
}
