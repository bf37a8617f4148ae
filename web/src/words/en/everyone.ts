/** English, for what makes the editor everyone's: the outline, the form, settings, what is read out. */
export const everyone = {
  "skip.canvas": "To the canvas",
  "skip.outline": "To the outline",
  "skip.run": "To the Run button",
  "skip.label": "Skip",
} as const;
