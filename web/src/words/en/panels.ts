/** English, for `panels`. Keys begin with the place where a sentence is seen. */
export const panels = {} as const;
