/** The prompt as packs shape it: values that their widgets compute, and whatever replaces `app.graphToPrompt`. */
import { asObject, type Json, type JsonObject } from "../../graph/json";
import { guardedAsync } from "../guard";
import { useAttachments } from "./attachments";
import type { ComfyNode } from "./node";
import type { ComfyWidget } from "./widget";

/** The prompt with the values that packs' widgets give for it. */
export async function withWidgets(prompt: JsonObject): Promise<JsonObject> {
  const changed: Record<string, Json> = { ...prompt };
  for (const [id, node] of useAttachments.getState().nodes) {
    const entry = changed[id];
    if (entry === undefined) continue;
    const values = await computed(node);
    if (Object.keys(values).length > 0)
      changed[id] = { ...asObject(entry), inputs: { ...asObject(asObject(entry).inputs), ...values } };
  }
  return changed;
}

async function computed(node: ComfyNode): Promise<Record<string, Json>> {
  const values: Record<string, Json> = {};
  for (const [index, widget] of node.widgets.entries()) {
    if (!isSent(node, widget)) continue;
    const value = await guardedAsync(node.pack || node.type, widget.name, () =>
      widget.serializeValue ? widget.serializeValue(node, index) : widget.value,
    );
    if (value !== undefined) values[widget.name] = value as Json;
  }
  return values;
}

/** Fields of the class are in the prompt already; a wire counts for more than a value. */
function isSent(node: ComfyNode, widget: ComfyWidget): boolean {
  const isWired = node.inputs.some((slot) => slot.name === widget.name && slot.link !== null);
  if (isWired || widget.options.serialize === false) return false;
  const isValue = node.added.includes(widget) && widget.type !== "button" && widget.value !== undefined;
  return isValue || widget.serializeValue !== undefined;
}
