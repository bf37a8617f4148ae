/** English, for `canvas`. Keys begin with the place where a sentence is seen. */
export const canvas = {} as const;
