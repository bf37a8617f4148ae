/** Whether what was done is kept: told in the status line. */
import { create } from "zustand";

export type Keeping = "kept" | "waiting" | "away";

interface Saving {
  /** `waiting`: the last edits are about to be sent; `away`: the server does not answer, this browser keeps them. */
  readonly keeping: Keeping;
  /** When the server kept a version last, in milliseconds since 1970; null before the first. */
  readonly keptAt: number | null;
}

export const useSaving = create<Saving>(() => ({ keeping: "kept", keptAt: null }));
