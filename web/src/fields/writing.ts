/** Where a field's value is, and the one way to change it. */
import { useMemo } from "react";
import type { NodeDefinition } from "../graph/catalogue";
import {
  type Canvas,
  canvasAt,
  type Document,
  type GraphNode,
  nodeOf,
  type Scope,
  withCanvas,
} from "../graph/document";
import { record } from "../graph/history";
import type { Json } from "../graph/json";
import { placeOf } from "../graph/scope";
import { readValues, withSettledValues, writeValue } from "../graph/widgetValues";
import { changeTab, settleEdits, useTabs } from "../store/tabs";
import { t } from "../words";

/** A node of a document, wherever it is drawn. */
export interface Place {
  /** Of the document; what was typed in it goes into it even if another one is seen by then. */
  readonly tab: string;
  readonly promptId: string;
  readonly scope: Scope;
  readonly id: string;
  readonly definition: NodeDefinition;
}

export function usePlace(promptId: string, definition: NodeDefinition): Place {
  const tab = useTabs((state) => state.active);
  return useMemo(() => ({ tab, promptId, definition, ...placeOf(promptId) }), [tab, promptId, definition]);
}

/** What the document holds for a field now. */
export function readField({ tab, scope, id, definition }: Place, name: string): Json | undefined {
  const document = useTabs.getState().tabs.find((one) => one.id === tab)?.history.present;
  const node = document && nodeOf(canvasAt(document, scope), id);
  return node && readValues(node, definition).get(name);
}

/** Write a value; calls in a row for one field are one undo entry until `settleEdits`. */
export function writeField(place: Place, name: string, value: Json): void {
  const label = t("field.edit", { field: name.replaceAll("_", " ") });
  const change = (node: GraphNode): GraphNode =>
    readValues(node, place.definition).get(name) === value ? node : writeValue(node, place.definition, name, value);
  changeNode(place, label, change, `field ${place.promptId} ${name}`);
}

/** Write a value as an undo entry of its own. */
export function writeOnce(place: Place, name: string, value: Json): void {
  settleEdits(place.tab);
  writeField(place, name, value);
  settleEdits(place.tab);
}

/** Keep the values of a node as they are read now, so that they are not doubted again. */
export function settleValues(place: Place): void {
  settleEdits(place.tab);
  changeNode(place, t("doubt.keep"), (node) => withSettledValues(node, place.definition), "values");
  settleEdits(place.tab);
}

/** Change the canvas that a place is on. */
export function changeCanvas(place: Place, label: string, change: (canvas: Canvas) => Canvas, merge?: string): void {
  const changed = (document: Document): Document => {
    const before = canvasAt(document, place.scope);
    const after = change(before);
    return after === before ? document : withCanvas(document, place.scope, after);
  };
  changeTab(({ history }) => ({ history: record(history, changed(history.present), label, merge) }), place.tab);
}

function changeNode(place: Place, label: string, change: (node: GraphNode) => GraphNode, merge: string): void {
  changeCanvas(
    place,
    label,
    (canvas) => {
      const node = nodeOf(canvas, place.id);
      const changed = node && change(node);
      if (!node || !changed || changed === node) return canvas;
      return { ...canvas, nodes: new Map(canvas.nodes).set(String(node.id), changed) };
    },
    merge,
  );
}
