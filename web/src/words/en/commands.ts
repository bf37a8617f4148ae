/** English, for `commands`. Keys begin with the place where a sentence is seen. */
export const commands = {
  "command.undo": "Undo",
  "command.redo": "Redo",
} as const;
