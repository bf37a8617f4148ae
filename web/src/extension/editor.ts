/** What packs may do: the editor as an object of plain values and functions, the same for commands and panels. */
import { getJson } from "../api/client";
import { perform } from "../commands";
import { nodeFrom } from "../graph/create";
import type { GraphNode, Point } from "../graph/document";
import { connect, type End } from "../graph/edits/links";
import { addNode, patchNode, removeNodes } from "../graph/edits/nodes";
import type { Json, JsonObject } from "../graph/json";
import { readDocument } from "../graph/reading";
import { readValues, writeValue } from "../graph/widgetValues";
import { writeDocument } from "../graph/writing";
import { useCatalogue } from "../store/catalogue";
import { useRuns } from "../store/run";
import { activeCanvas, activeDocument, activeTab, edit, newTab, openTab, select, useTabs } from "../store/tabs";
import { type NoticeKind, notify } from "../store/ui";
import type { NodeView } from "./registry";

export interface Editor {
  /** The open document in ComfyUI's workflow format. */
  workflow(): JsonObject;
  /** Open a workflow in a tab of its own. */
  open(name: string, workflow: Json): void;
  /** The nodes of the canvas that is seen. */
  nodes(): readonly NodeView[];
  selection(): readonly string[];
  select(ids: readonly string[]): void;
  /** Add a node of a class. @returns its id; undefined where there is no such class. */
  add(type: string, at: Point): string | undefined;
  remove(ids: readonly string[]): void;
  setValue(id: string, name: string, value: Json): void;
  connect(from: End, to: End): void;
  /** What a node showed in its last run: images, text. */
  output(id: string): Readonly<Record<string, Json>> | undefined;
  /** Do a command of the editor by its id, such as `run.queue`. */
  perform(command: string): Promise<unknown>;
  notify(text: string, kind?: NoticeKind): void;
  /** Ask the server, by a path relative to the page. */
  get(path: string): Promise<unknown>;
  /** Hear of every change of the document or the selection, until the function that comes back is called. */
  onChange(hear: () => void): () => void;
}

export function editorFor(pack: string): Editor {
  return {
    workflow: () => writeDocument(activeDocument()),
    open: (name, workflow) => openTab(newTab(name, readDocument(workflow))),
    nodes: views,
    selection: () => [...activeTab().selection],
    select,
    add: (type, at) => added(pack, type, at),
    remove: (ids) => edit(pack, (canvas) => removeNodes(canvas, ids)),
    setValue: (id, name, value) => setValue(pack, id, name, value),
    connect: (from, to) => edit(pack, (canvas) => connect(canvas, from, to)),
    output: (id) => useRuns.getState().outputs.get(id),
    perform,
    notify: (text, kind = "info") => notify(kind, `${pack}: ${text}`),
    get: getJson,
    onChange: (hear) => useTabs.subscribe(hear),
  };
}

export function views(): NodeView[] {
  return [...activeCanvas().nodes.values()].map(viewOf);
}

/** A node as packs see it. */
export function viewOf(node: GraphNode): NodeView {
  const definition = useCatalogue.getState().catalogue.get(node.type);
  const values = Object.fromEntries(readValues(node, definition));
  return { id: String(node.id), type: node.type, title: node.title ?? definition?.title ?? node.type, values };
}

export function setValue(label: string, id: string, name: string, value: Json, merge?: string): void {
  edit(
    label,
    (canvas) => {
      const node = canvas.nodes.get(id);
      return node
        ? patchNode(canvas, id, writeValue(node, useCatalogue.getState().catalogue.get(node.type), name, value))
        : canvas;
    },
    merge,
  );
}

function added(pack: string, type: string, at: Point): string | undefined {
  const definition = useCatalogue.getState().catalogue.get(type);
  let id: string | undefined;
  if (definition) {
    edit(pack, (canvas) => {
      const done = addNode(canvas, nodeFrom(definition, at));
      id = String(done.node.id);
      return done.canvas;
    });
  }
  return id;
}
