/** English, for `runs`. Keys begin with the place where a sentence is seen. */
export const runs = {} as const;
