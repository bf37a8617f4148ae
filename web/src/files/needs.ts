/** What a graph needs and what of it the server has not got: node classes, models, input files. */
import { postJson } from "../api/client";
import type { Document } from "../graph/document";
import { asList, asObject, asText } from "../graph/json";
import { writeDocument } from "../graph/writing";

export interface MissingClass {
  readonly name: string;
  readonly nodes: readonly string[];
  /** The pack that its author's editor noted, with the version; or empty. */
  readonly pack: string;
  readonly nearest: readonly string[];
}

export interface MissingFile {
  readonly kind: string;
  readonly name: string;
  readonly usedBy: readonly string[];
  /** Where its author had it from; it is shown and never asked. */
  readonly source: string;
  readonly nearest: readonly string[];
}

export interface Missing {
  readonly classes: readonly MissingClass[];
  readonly models: readonly MissingFile[];
  readonly inputs: readonly MissingFile[];
}

const INPUTS: ReadonlySet<string> = new Set(["input", "output", "temp", "latents"]);

export async function missingFor(document: Document): Promise<Missing> {
  const told = asObject(await postJson("requirements", writeDocument(document)));
  const absent = (list: unknown) =>
    asList(list)
      .map(asObject)
      .filter(({ here }) => here === false);
  const files = absent(told.files).map(
    ({ kind, name, used_by, source, nearest }): MissingFile => ({
      kind: asText(kind),
      name: asText(name),
      usedBy: asList(used_by).map(String),
      source: asText(source),
      nearest: asList(nearest).map(String),
    }),
  );
  return {
    classes: absent(told.classes).map(({ name, nodes, pack, nearest }) => ({
      name: asText(name),
      nodes: asList(nodes).map(String),
      pack: asText(pack),
      nearest: asList(nearest).map((found) => asText(asObject(found).name)),
    })),
    models: files.filter(({ kind }) => !INPUTS.has(kind)),
    inputs: files.filter(({ kind }) => INPUTS.has(kind)),
  };
}

export function countOf({ classes, models, inputs }: Missing): number {
  return classes.length + models.length + inputs.length;
}
