/** What is done with a picture: copied, or given to the graph as an input. */
import { address, ask } from "../../api/client";
import { nodeFrom } from "../../graph/create";
import type { Canvas, GraphNode } from "../../graph/document";
import { addNode, patchNode } from "../../graph/edits/nodes";
import { asObject, asText, parseJson } from "../../graph/json";
import { writeValue } from "../../graph/widgetValues";
import { loadCatalogue, useCatalogue } from "../../store/catalogue";
import { pictureUrl } from "../../store/pictures";
import type { Picture } from "../../store/run";
import { stage } from "../../store/stage";
import { activeTab, edit, select } from "../../store/tabs";
import { dialogDone, notify } from "../../store/ui";
import { t } from "../../words";

const LOADER = "LoadImage";
const INPUT = "image";

export async function pictureFile(picture: Picture): Promise<Blob> {
  return (await ask(pictureUrl(picture))).blob();
}

/** Put the picture on the clipboard. Browsers take PNG only, so others are drawn anew. */
export async function copyPicture(picture: Picture): Promise<void> {
  if (!navigator.clipboard?.write) throw new Error(t("viewer.noClipboard"));
  const file = await pictureFile(picture);
  const png = file.type === "image/png" ? file : await asPng(file);
  await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
  notify("good", t("viewer.copied"));
}

async function asPng(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

/** Give the picture to the selected Load Image, or to a new one. */
export async function sendToNode(picture: Picture): Promise<void> {
  const name = await uploaded(picture);
  await loadCatalogue();
  const definition = useCatalogue.getState().catalogue.get(LOADER);
  if (!definition) throw new Error(t("viewer.noLoader"));
  let at = "";
  edit(t("viewer.sent"), (canvas) => {
    const { canvas: more, node } = loaderIn(canvas) ?? addNode(canvas, nodeFrom(definition, stage().center()));
    at = String(node.id);
    const { values } = writeValue(node, definition, INPUT, name);
    return patchNode(more, node.id, { values });
  });
  dialogDone("pictures");
  select([at]);
  requestAnimationFrame(() => stage().fit([at]));
}

function loaderIn(canvas: Canvas): { canvas: Canvas; node: GraphNode } | undefined {
  const chosen = [...activeTab().selection].map((id) => canvas.nodes.get(id));
  const node = chosen.find((found) => found?.type === LOADER);
  return node && { canvas, node };
}

async function uploaded(picture: Picture): Promise<string> {
  const form = new FormData();
  form.append("image", await pictureFile(picture), picture.filename);
  form.append("type", "input");
  const response = await ask(address("upload/image"), { method: "POST", body: form });
  const { name, subfolder } = asObject(parseJson(await response.text()));
  return asText(subfolder) ? `${asText(subfolder)}/${asText(name)}` : asText(name);
}
