/** Opening: files from a dialog, a drop or the clipboard become documents; pictures without a graph become nodes. */
import { focusCanvas } from "../commands/regions";
import { named, upload } from "../fields/upload";
import { nodeFrom } from "../graph/create";
import type { Document, Point } from "../graph/document";
import { drawPrompt } from "../graph/drawing";
import { addNode } from "../graph/edits/nodes";
import { BadDocument, readDocument } from "../graph/reading";
import { writeValue } from "../graph/widgetValues";
import { loadCatalogue, useCatalogue } from "../store/catalogue";
import type { Picture } from "../store/run";
import { stage } from "../store/stage";
import { activeTab, edit, newTab, openInPlace, select, showTab, type Tab, useTabs } from "../store/tabs";
import { notify, openDialog } from "../store/ui";
import { t } from "../words";
import { carriedBy, isPicture } from "./carried";
import { documentOfText } from "./documentText";
import { type Graphs, graphsIn } from "./graphs";
import { readJson } from "./jsonText";
import { countOf, missingFor } from "./needs";
import { reasonOf } from "./save";
import { nameOf, readFile } from "./userFiles";

const LOAD_IMAGE = "LoadImage";
const BETWEEN = 40;

/** @param at where nodes for pictures come, in units of the canvas. */
export async function openFiles(files: Iterable<File>, at: Point = stage().center()): Promise<void> {
  let place = at;
  for (const file of files) {
    await openFile(file, place).catch((error: unknown) =>
      notify("bad", t("open.failed", { name: file.name, reason: reasonOf(error) })),
    );
    place = [place[0] + BETWEEN, place[1] + BETWEEN];
  }
}

async function openFile(file: File, at: Point): Promise<void> {
  const { kind, graphs } = await carriedBy(file);
  if (graphs.workflow || graphs.prompt) await openGraphs(graphs, file.name.replace(/\.\w+$/, ""));
  else if (isPicture(kind)) await placePicture(file, at);
  else notify("warn", t("open.noGraph", { name: file.name }));
}

/** Open the graph in a text that was pasted. @returns whether there is one. */
export async function openText(text: string): Promise<boolean> {
  const graphs = graphsIn(readJson(text));
  if (!graphs.workflow && !graphs.prompt) return false;
  await openGraphs(graphs, t("open.pasted"));
  return true;
}

/** Open a graph in a tab of its own, and tell what it needs that is not here. */
export async function openGraphs(graphs: Graphs, name: string): Promise<void> {
  await catalogueLoaded();
  openInPlace(newTab(name, documentOf(graphs)));
  focusCanvas();
  await tellMissing(activeTab());
}

/** Open one of the user's files; one that is open already is shown. */
export async function openUserFile(path: string): Promise<void> {
  const open = useTabs.getState().tabs.find((tab) => tab.path === path);
  if (open) {
    showTab(open.id);
    return;
  }
  await catalogueLoaded();
  const { text, etag } = await readFile(path);
  openInPlace(newTab(nameOf(path), documentOfFile(text), { path, etag }));
  focusCanvas();
  await tellMissing(activeTab());
}

/** A file of ours is a document; ComfyUI's folder may hold prompts too. */
function documentOfFile(text: string): Document {
  const graphs = graphsIn(readJson(text));
  return graphs.workflow || !graphs.prompt ? documentOfText(text) : documentOf(graphs);
}

/** The document that is carried; where that cannot be read, one drawn from the prompt that ran. */
function documentOf({ workflow, prompt }: Graphs): Document {
  try {
    if (workflow) return readDocument(workflow);
  } catch (error) {
    if (!(error instanceof BadDocument) || !prompt) throw error;
  }
  return drawPrompt(prompt, useCatalogue.getState().catalogue);
}

async function tellMissing({ history, name }: Tab): Promise<void> {
  const missing = await missingFor(history.present).catch(() => undefined);
  if (missing && countOf(missing) > 0) openDialog("missing", { name, missing });
}

async function placePicture(file: File, at: Point): Promise<void> {
  await catalogueLoaded();
  const definition = useCatalogue.getState().catalogue.get(LOAD_IMAGE);
  if (!definition) {
    notify("warn", t("open.noGraph", { name: file.name }));
    return;
  }
  const picture = await upload(named(file, new Date()), "input");
  await loadCatalogue(); // the list of pictures has one more
  edit(t("open.picture", { name: file.name }), (canvas) => {
    const added = addNode(canvas, nodeFrom(definition, at));
    const filled = writeValue(added.node, definition, "image", inputValue(picture));
    queueMicrotask(() => select([String(added.node.id)]));
    return { ...added.canvas, nodes: new Map(added.canvas.nodes).set(String(filled.id), filled) };
  });
}

function inputValue({ filename, subfolder }: Picture): string {
  return subfolder ? `${subfolder}/${filename}` : filename;
}

/** Fields can only be filled when it is known which ones there are. */
function catalogueLoaded(): Promise<void> {
  if (useCatalogue.getState().loaded) return Promise.resolve();
  return new Promise((resolve) => {
    const end = useCatalogue.subscribe(({ loaded }) => {
      if (!loaded) return;
      end();
      resolve();
    });
  });
}
