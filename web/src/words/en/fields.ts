/** English, for `fields`. Keys begin with the place where a sentence is seen. */
export const fields = {} as const;
