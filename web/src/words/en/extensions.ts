/** English, for packs that extend the editor. */
export const extensions = {
  "extension.missing": "{pack} uses {name}, which this editor does not have. The rest of the pack still works.",
  "extension.failed": "{pack} could not do “{what}”: {message}",
  "extension.load": "load {file}",
  "extension.somePack": "A pack",
  "extension.widgets": "Fields of packs",
  "edit.change": "Change a node",
} as const;
