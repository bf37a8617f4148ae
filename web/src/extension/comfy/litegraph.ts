/** The globals of ComfyUI's canvas library: names and numbers that packs read, and prototypes that they patch. */
import { classOf } from "./classes";
import { lenient, undrawn } from "./missing";
import { ComfyNode } from "./node";

/** ComfyUI's canvas class: packs read colours of it and patch its prototype. */
export function LGraphCanvas(): void {}
Object.assign(LGraphCanvas, { active_canvas: null, node_colors: {} });
LGraphCanvas.prototype = undrawn("LGraphCanvas");

/** A node that is not on a canvas yet: `graph.add` puts it there. */
function createNode(type: string) {
  return classOf(type) ? { type, pos: [0, 0] } : null;
}

export const LiteGraph = lenient("LiteGraph", {
  INPUT: 1,
  OUTPUT: 2,
  ALWAYS: 0,
  NEVER: 2,
  NODE_TITLE_HEIGHT: 28,
  NODE_SLOT_HEIGHT: 20,
  NODE_WIDGET_HEIGHT: 20,
  NODE_MODES: ["Always", "On Event", "Never", "On Trigger"],
  LGraphNode: ComfyNode,
  LGraphCanvas,
  createNode,
  get registered_node_types() {
    return new Proxy({}, { get: (_, type) => (typeof type === "string" ? classOf(type) : undefined) });
  },
});
