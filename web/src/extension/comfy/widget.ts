/** Widgets as packs know them: those of the class read and write the document, those that packs add are their own. */
import { canvasAt, type Point } from "../../graph/document";
import { patchNode } from "../../graph/edits/nodes";
import { asObject, type Json } from "../../graph/json";
import type { Widget } from "../../graph/widgets";
import { readValues, writeValue } from "../../graph/widgetValues";
import { useCatalogue } from "../../store/catalogue";
import { activeDocument, edit } from "../../store/tabs";
import { guarded } from "../guard";
import { attachmentsChanged } from "./attachments";
import type { ComfyNode } from "./node";

/** The property of a node under which values of added widgets are saved. */
export const KEPT = "ldm_nodes widgets";

export type Callback = (value: unknown, canvas?: unknown, node?: ComfyNode, pos?: Point, event?: unknown) => unknown;

/** Packs write what they like on a widget; what the editor understands is named here. */
export interface ComfyWidget {
  name: string;
  type: string;
  value: unknown;
  options: Record<string, unknown>;
  callback?: Callback | undefined;
  element?: HTMLElement;
  label?: string;
  hidden?: boolean;
  serializeValue?: (node: ComfyNode, index: number) => unknown;
  [own: string]: unknown;
}

/** A widget of the class. */
export function classWidget(node: ComfyNode, widget: Widget, options: Record<string, unknown>): ComfyWidget {
  const shown: ComfyWidget = { name: widget.name, type: widget.kind.toLowerCase(), value: null, options };
  if (widget.choices) options.values = widget.choices;
  Object.defineProperty(shown, "value", {
    enumerable: true,
    get: () => fieldValue(node, widget.name),
    set: (value: Json) => setFieldValue(node, widget.name, value),
  });
  return shown;
}

/** A widget that a pack adds. A button has no value; others save theirs with the node. */
export function addedWidget(
  node: ComfyNode,
  {
    type,
    name,
    value,
    callback,
    options = {},
    element,
  }: {
    type: string;
    name: string;
    value: unknown;
    callback?: Callback | undefined;
    options?: Record<string, unknown> | undefined;
    element?: HTMLElement;
  },
): ComfyWidget {
  const shown: ComfyWidget = { name, type, value: null, options, callback, ...(element ? { element } : {}) };
  const saved = asObject(node.properties[KEPT])[name];
  let now: unknown = saved ?? value;
  Object.defineProperty(shown, "value", {
    enumerable: true,
    get: () => (typeof options.getValue === "function" ? (options.getValue as () => unknown)() : now),
    set: (changed: unknown) => {
      now = changed;
      if (typeof options.setValue === "function") (options.setValue as (value: unknown) => void)(changed);
      keep(node, name, changed);
      attachmentsChanged();
    },
  });
  return shown;
}

/** Tell a widget's own pack that its value was changed by hand. */
export function pressed(node: ComfyNode, widget: ComfyWidget, value: unknown): void {
  if (widget.type !== "button") widget.value = value;
  guarded(node.pack || node.type, widget.name, () => widget.callback?.(widget.value, undefined, node));
}

function fieldValue(node: ComfyNode, name: string): Json | undefined {
  const found = node.found;
  return found && readValues(found, useCatalogue.getState().catalogue.get(found.type)).get(name);
}

function setFieldValue(node: ComfyNode, name: string, value: Json): void {
  if (Object.is(fieldValue(node, name), value)) return;
  edit(name, (canvas) => {
    const found = canvas.nodes.get(String(node.id));
    return found
      ? patchNode(canvas, found.id, writeValue(found, useCatalogue.getState().catalogue.get(found.type), name, value))
      : canvas;
  });
}

function keep(node: ComfyNode, name: string, value: unknown): void {
  const found = canvasAt(activeDocument(), []).nodes.get(String(node.id));
  const plain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  if (!found || !plain || asObject(found.properties[KEPT])[name] === value) return;
  const properties = { ...found.properties, [KEPT]: { ...asObject(found.properties[KEPT]), [name]: value } };
  edit(name, (canvas) => patchNode(canvas, found.id, { properties }));
}
