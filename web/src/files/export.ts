/** A document as a file to take away: the editor's format, a prompt for the API, Python. */
import { ask } from "../api/client";
import { type JsonObject, writeJson } from "../graph/json";
import { toPrompt } from "../graph/prompt";
import { writeDocument } from "../graph/writing";
import { useCatalogue } from "../store/catalogue";
import { activeTab } from "../store/tabs";
import { notify } from "../store/ui";
import { t } from "../words";
import { textOfDocument } from "./documentText";
import { reasonOf } from "./save";

export function exportDocument(): void {
  const { name, history } = activeTab();
  download(`${fileName(name)}.json`, textOfDocument(history.present, 2), "application/json");
}

/** Only what is sent when it runs: no places, no colours, no notes. */
export function exportPrompt(): void {
  const { name, history } = activeTab();
  const { prompt, problems } = toPrompt(history.present, useCatalogue.getState().catalogue);
  for (const { title, message } of problems.slice(0, 1)) notify("warn", t("export.problem", { title, message }));
  download(`${fileName(name)}_api.json`, writeJson(prompt as unknown as JsonObject, 2), "application/json");
}

/** As a program that builds the graph and runs it; the server writes it. */
export async function exportPython(): Promise<void> {
  const { name, history } = activeTab();
  try {
    const init = {
      method: "POST",
      body: writeJson(writeDocument(history.present)),
      headers: { "Content-Type": "application/json" },
    };
    const text = await (await ask("export/python", init)).text();
    download(`${fileName(name)}.py`, text, "text/x-python");
  } catch (error) {
    notify("bad", t("export.failed", { reason: reasonOf(error) }));
  }
}

function fileName(name: string): string {
  return (
    name
      .split("/")
      .at(-1)
      ?.replace(/[^\p{L}\p{N} ._-]/gu, "_") || "graph"
  );
}

function download(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
