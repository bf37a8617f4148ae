/** English, for `files`. Keys begin with the place where a sentence is seen. */
export const files = {} as const;
