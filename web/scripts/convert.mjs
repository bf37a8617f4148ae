/**
 * Reads and converts documents as the editor does, for whoever compares it with the engine.
 *
 * Takes `{"object_info": {…}, "documents": ["text", …]}` from standard input and answers with a list of
 * `{"written": {…}, "prompt": {…}, "problems": ["id", …], "notices": ["id", …], "again": {…}}`; `again` is the prompt of
 * the document that is drawn from the prompt. Of `{a|b}` the last is taken; it is 9 March 2024, 05:06:07.
 */
import { text } from "node:stream/consumers";
import { runnerImport } from "vite";

const load = async (path) => (await runnerImport(new URL(`../src/graph/${path}`, import.meta.url).pathname)).module;
const { parseJson, writeJson } = await load("json.ts");
const { readDocument } = await load("reading.ts");
const { writeDocument } = await load("writing.ts");
const { readCatalogue } = await load("catalogue.ts");
const { toPrompt } = await load("prompt.ts");

const { object_info, documents } = parseJson(await text(process.stdin));
const catalogue = readCatalogue(object_info);
const circumstances = { choose: (choices) => choices.at(-1), now: new Date(2024, 2, 9, 5, 6, 7) };
const ids = (remarks) => remarks.map(({ nodeId }) => nodeId);

const answers = documents.map((written) => {
  const document = readDocument(parseJson(written));
  const { prompt, problems, notices, unknown } = toPrompt(document, catalogue, circumstances);

  return {
    written: writeDocument(document),
    prompt,
    problems: ids(problems),
    notices: ids(notices),
    unknown: [...unknown],
  };
});
process.stdout.write(writeJson(answers));
