/** The graph as ComfyUI's packs know it, as a window onto the canvas that is seen. */

import { nodeFrom } from "../../graph/create";
import type { NodeId } from "../../graph/document";
import { addNode, removeNodes } from "../../graph/edits/nodes";
import type { Json, JsonObject } from "../../graph/json";
import { readDocument } from "../../graph/reading";
import { writeDocument } from "../../graph/writing";
import { useCatalogue } from "../../store/catalogue";
import { activeCanvas, activeDocument, edit, editDocument } from "../../store/tabs";
import { t } from "../../words";
import { useAttachments } from "./attachments";
import type { ComfyNode } from "./node";

interface ComfyLink {
  readonly id: number;
  readonly origin_id: NodeId;
  readonly origin_slot: number;
  readonly target_id: NodeId;
  readonly target_slot: number;
  readonly type: Json;
}

export class ComfyGraph {
  /** Packs note things here; what the document keeps is in `extra` of the saved file. */
  readonly extra: Record<string, unknown> = {};

  get nodes(): ComfyNode[] {
    return [...useAttachments.getState().nodes.values()];
  }

  get _nodes(): ComfyNode[] {
    return this.nodes;
  }

  get _nodes_by_id(): Record<string, ComfyNode> {
    return Object.fromEntries(useAttachments.getState().nodes);
  }

  get links(): Record<number, ComfyLink> {
    const links = [...activeCanvas().links.values()].map((link): [number, ComfyLink] => [
      link.id,
      {
        id: link.id,
        origin_id: link.origin,
        origin_slot: link.originSlot,
        target_id: link.target,
        target_slot: link.targetSlot,
        type: link.type,
      },
    ]);
    return Object.fromEntries(links);
  }

  getNodeById(id: NodeId | null | undefined): ComfyNode | null {
    return useAttachments.getState().nodes.get(String(id)) ?? null;
  }

  findNodesByType(type: string): ComfyNode[] {
    return this.nodes.filter((node) => node.type === type);
  }

  findNodesByTitle(title: string): ComfyNode[] {
    return this.nodes.filter((node) => node.title === title);
  }

  /** Put a node that `LiteGraph.createNode` made on the canvas. */
  add(node: { type: string; pos?: readonly [number, number] }): ComfyNode | null {
    const definition = useCatalogue.getState().catalogue.get(node.type);
    if (!definition) return null;
    let id = "";
    edit(node.type, (canvas) => {
      const done = addNode(canvas, nodeFrom(definition, node.pos ?? [0, 0]));
      id = String(done.node.id);
      return done.canvas;
    });
    return this.getNodeById(id);
  }

  remove(node: ComfyNode): void {
    edit(t("command.delete"), (canvas) => removeNodes(canvas, [node.id]));
  }

  clear(): void {
    edit(t("command.delete"), (canvas) => removeNodes(canvas, canvas.nodes.keys()));
  }

  serialize(): JsonObject {
    return writeDocument(activeDocument());
  }

  configure(workflow: JsonObject): void {
    const document = readDocument(workflow);
    editDocument(t("edit.change"), () => document);
  }

  /** The page draws itself; packs ask for it out of habit. */
  setDirtyCanvas(): void {}
  change(): void {}
  beforeChange(): void {}
  afterChange(): void {}
  getNodeOnPos(): null {
    return null;
  }
}
