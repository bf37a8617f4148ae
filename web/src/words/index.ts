/** Every sentence that the editor says. A language is one table of this shape. */
import { canvas } from "./en/canvas";
import { commands } from "./en/commands";
import { extensions } from "./en/extensions";
import { fields } from "./en/fields";
import { files } from "./en/files";
import { graph } from "./en/graph";
import { panels } from "./en/panels";
import { runs } from "./en/runs";

const en = { ...canvas, ...commands, ...extensions, ...fields, ...files, ...graph, ...panels, ...runs };

export type Words = typeof en;
export type Word = keyof Words;

/** A sentence, with `{name}` replaced by the value of that name. */
export function t(word: Word, values: Readonly<Record<string, string | number>> = {}): string {
  return en[word].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
