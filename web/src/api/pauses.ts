/** How long to wait before trying again: soon at first, then longer, and not all pages in the same moment. */
const SHORTEST = 250;
const LONGEST = 8000;

export interface Pauses {
  readonly next: () => number;
  readonly reset: () => void;
}

export function pauses(random: () => number = Math.random): Pauses {
  let tries = 0;
  return {
    next() {
      const pause = Math.min(LONGEST, SHORTEST * 2 ** tries);
      tries += 1;
      return pause * (0.75 + 0.5 * random());
    },
    reset() {
      tries = 0;
    },
  };
}
