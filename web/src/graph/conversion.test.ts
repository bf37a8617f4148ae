/** The editor converts documents and prompts as the table says that the engine's own tests read too. */
import { describe, expect, it } from "vitest";
import text from "../../../tests/fixtures/conversion_cases.json?raw";
import { readCatalogue } from "./catalogue";
import { drawPrompt } from "./drawing";
import { asObject, type Json, type JsonObject, parseJson } from "./json";
import { toPrompt } from "./prompt";
import { readDocument } from "./reading";
import { writeDocument } from "./writing";

interface Table {
  readonly object_info: Json;
  readonly our_nodes: Json;
  readonly documents: readonly DocumentCase[];
  readonly refused: readonly { readonly name: string; readonly document: Json; readonly node: string }[];
  readonly prompts: readonly PromptCase[];
  readonly graphs: Readonly<Record<string, JsonObject>>;
}

interface DocumentCase {
  readonly name: string;
  readonly document: Json;
  readonly prompt: Json;
  readonly problems: readonly string[];
  readonly notices: readonly string[];
}

interface PromptCase {
  readonly name: string;
  readonly prompt: JsonObject;
  readonly added: JsonObject;
  readonly document?: Json;
}

const table = parseJson(text) as unknown as Table;
const catalogue = readCatalogue(table.object_info);
const graphs = import.meta.glob<string>("../../../graphs/*.json", { query: "?raw", import: "default", eager: true });

function converted(document: Json, nodes = catalogue) {
  const now = new Date(2024, 2, 9, 5, 6, 7);
  return toPrompt(readDocument(document), nodes, { choose: (choices) => choices.at(-1) ?? "", now });
}

function withAdded(prompt: JsonObject, added: JsonObject): JsonObject {
  const nodes = Object.entries(prompt).map(([id, node]): [string, Json] => {
    const inputs = { ...asObject(asObject(node).inputs), ...asObject(added[id]) };
    return [id, { ...asObject(node), inputs }];
  });
  return Object.fromEntries(nodes);
}

describe("a document becomes the prompt", () => {
  it.each(table.documents)("$name", ({ document, prompt, problems, notices }) => {
    const conversion = converted(document);
    expect(conversion.prompt).toEqual(prompt);
    expect(conversion.problems.map(({ nodeId }) => nodeId)).toEqual(problems);
    expect(conversion.notices.map(({ nodeId }) => nodeId)).toEqual(notices);
    expect(writeDocument(readDocument(document))).toEqual(document);
  });
});

describe("a document without end is refused", () => {
  it.each(table.refused)("$name", ({ document, node }) => {
    expect(converted(document)).toMatchObject({ prompt: {}, problems: [{ nodeId: node }] });
  });
});

describe("a prompt becomes the document and comes back", () => {
  it.each(table.prompts)("$name", ({ prompt, added, document }) => {
    const drawn = writeDocument(drawPrompt(prompt, catalogue));
    expect(drawn).toEqual(document ?? drawn);
    expect(converted(drawn).prompt).toEqual(withAdded(prompt, added));
  });
});

describe("a graph that ships comes back", () => {
  const ours = readCatalogue(table.our_nodes);
  it.each(Object.entries(graphs))("%s", (path, source) => {
    const added = table.graphs[path.split("/").at(-1) ?? ""];
    const prompt = asObject(parseJson(source));
    const drawn = writeDocument(drawPrompt(prompt, ours));
    expect(added).toBeDefined();
    expect(converted(drawn, ours).prompt).toEqual(withAdded(prompt, added ?? {}));
  });
});
