/** What is dragged from a panel onto the canvas: a node's class, with values for its fields. */
import type { DragEvent } from "react";
import { asObject, asText, type JsonObject, parseJson, writeJson } from "../../graph/json";

const TYPE = "application/x-ldm-nodes-node";

export interface DraggedNode {
  readonly name: string;
  readonly values?: JsonObject;
}

export function startDrag(event: DragEvent, node: DraggedNode): void {
  event.dataTransfer.setData(TYPE, writeJson({ name: node.name, values: node.values ?? {} }));
  event.dataTransfer.effectAllowed = "copy";
}

/** Whether it is a node of ours that is dragged; what it is cannot be read before it is dropped. */
export function isNodeDrag(data: DataTransfer): boolean {
  return data.types.includes(TYPE);
}

export function droppedNode(data: DataTransfer): DraggedNode | undefined {
  const text = data.getData(TYPE);
  if (!text) return undefined;
  const read = asObject(parseJson(text));
  return { name: asText(read.name), values: asObject(read.values) };
}
