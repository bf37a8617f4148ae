/** What a picture's file itself says of how it was made. */
import { carriedBy, kindOf } from "../../files/carried";
import { pngTexts } from "../../files/png";
import { asObject, asText, isList, type Json, type JsonObject, writeJson } from "../../graph/json";

export interface Told {
  /** The graph, as the editor saved it or as it ran. */
  readonly graph: JsonObject | undefined;
  /** The text of A1111's web interface. */
  readonly parameters: string;
  /** What the nodes of its prompt were set to. */
  readonly settings: readonly Setting[];
}

export interface Setting {
  readonly node: string;
  readonly values: readonly (readonly [name: string, value: string])[];
}

/** @throws Unreadable when it is damaged. */
export async function toldBy(file: Blob): Promise<Told> {
  const { graphs } = await carriedBy(file);
  return {
    graph: graphs.workflow ?? graphs.prompt,
    parameters: await parametersOf(file),
    settings: settingsOf(graphs.prompt ?? {}),
  };
}

async function parametersOf(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return kindOf(bytes.slice(0, 32)) === "png" ? ((await pngTexts(bytes)).get("parameters") ?? "") : "";
}

/** The constants of every node of a prompt that has some; wires say nothing to a reader. */
export function settingsOf(prompt: JsonObject): readonly Setting[] {
  return Object.entries(prompt).flatMap(([id, entry]) => {
    const { inputs, class_type, _meta } = asObject(entry);
    const values = Object.entries(asObject(inputs)).filter(([, value]) => !isWire(value));
    if (values.length === 0) return [];
    const node = asText(asObject(_meta).title) || asText(class_type) || id;
    return [{ node, values: values.map(([name, value]) => [name, written(value)] as const) }];
  });
}

function isWire(value: Json): boolean {
  return isList(value) && value.length === 2 && typeof value[1] === "number";
}

function written(value: Json): string {
  return typeof value === "string" ? value : writeJson(value);
}
