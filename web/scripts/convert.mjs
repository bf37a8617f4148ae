/**
 * Reads, converts and draws as the editor does, for whoever compares it with the engine.
 *
 * Takes `{"object_info": {…}, "documents": ["text", …], "prompts": [{…}, …]}` from standard input and answers with
 * `{"documents": [{"written", "prompt", "problems", "notices", "unknown"}, …], "prompts": [{…}, …]}`: what becomes of each
 * document, and the document that each prompt becomes. Of `{a|b}` the last is taken; it is 9 March 2024, 05:06:07.
 */
import { text } from "node:stream/consumers";
import { runnerImport } from "vite";

const load = async (path) => (await runnerImport(new URL(`../src/graph/${path}`, import.meta.url).pathname)).module;
const { parseJson, writeJson } = await load("json.ts");
const { readDocument } = await load("reading.ts");
const { writeDocument } = await load("writing.ts");
const { readCatalogue } = await load("catalogue.ts");
const { drawPrompt } = await load("drawing.ts");
const { toPrompt } = await load("prompt.ts");

const given = parseJson(await text(process.stdin));
const catalogue = readCatalogue(given.object_info);
const circumstances = { choose: (choices) => choices.at(-1), now: new Date(2024, 2, 9, 5, 6, 7) };
const ids = (remarks) => remarks.map(({ nodeId }) => nodeId);

function converted(written) {
  const document = readDocument(parseJson(written));
  const { prompt, problems, notices, unknown } = toPrompt(document, catalogue, circumstances);
  const told = { problems: ids(problems), notices: ids(notices), unknown: [...unknown] };
  return { written: writeDocument(document), prompt, ...told };
}

process.stdout.write(
  writeJson({
    documents: (given.documents ?? []).map(converted),
    prompts: (given.prompts ?? []).map((prompt) => writeDocument(drawPrompt(prompt, catalogue))),
  }),
);
