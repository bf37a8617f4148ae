/** The one voice of the page: what is not seen by those who listen is said here, one sentence at a time. */
import { create } from "zustand";

interface Said {
  readonly text: string;
  /** How many sentences were said: the same one again is news too. */
  readonly count: number;
}

export const useSaid = create<Said>(() => ({ text: "", count: 0 }));

/** Let a screen reader say something when it has finished what it says. */
export function announce(text: string): void {
  useSaid.setState(({ count }) => ({ text, count: count + 1 }));
}
