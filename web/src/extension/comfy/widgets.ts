/** ComfyUI's table of widget makers: packs call them to put further fields on a node. */
import { asObject, type Json } from "../../graph/json";
import type { ComfyNode } from "./node";
import type { ComfyWidget } from "./widget";

export type WidgetMaker = (node: ComfyNode, name: string, data: readonly Json[]) => { widget: ComfyWidget };

function maker(type: string, fallback: Json): WidgetMaker {
  return (node, name, data) => {
    const options = { ...asObject(data[1]) };
    return { widget: node.addWidget(type, name, options.default ?? fallback, undefined, options) };
  };
}

const combo: WidgetMaker = (node, name, data) => {
  const options = asObject(data[1]);
  const values = Array.isArray(data[0]) ? data[0] : options.options;
  const first = Array.isArray(values) ? values[0] : "";
  return { widget: node.addWidget("combo", name, options.default ?? first, undefined, { ...options, values }) };
};

export const WIDGETS: Record<string, WidgetMaker> = {
  INT: maker("number", 0),
  FLOAT: maker("number", 0),
  STRING: maker("text", ""),
  BOOLEAN: maker("toggle", false),
  COMBO: combo,
};
