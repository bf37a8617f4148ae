/** English: the table of all words, to which other languages have the same keys. */
import { canvas } from "./en/canvas";
import { commands } from "./en/commands";
import { everyone } from "./en/everyone";
import { extensions } from "./en/extensions";
import { fields } from "./en/fields";
import { files } from "./en/files";
import { graph } from "./en/graph";
import { packs } from "./en/packs";
import { panels } from "./en/panels";
import { runs } from "./en/runs";

export const ENGLISH = {
  ...canvas,
  ...commands,
  ...everyone,
  ...extensions,
  ...fields,
  ...files,
  ...graph,
  ...packs,
  ...panels,
  ...runs,
};

export type Words = Readonly<Record<Word, string>>;
export type Word = keyof typeof ENGLISH;
