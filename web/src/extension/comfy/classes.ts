/** A class per node type, for packs to hang their hooks on before the first node of it is there. */
import type { NodeId } from "../../graph/document";
import { useCatalogue } from "../../store/catalogue";
import type { ComfyGraph } from "./graph";
import { callAsync } from "./hooks";
import { ComfyNode } from "./node";

type NodeClass = typeof ComfyNode;

const classes = new Map<string, NodeClass>();

/** Let packs see every class of the server, as ComfyUI does before it registers them. */
export async function defineClasses(app: object): Promise<void> {
  for (const definition of useCatalogue.getState().catalogue.values()) {
    if (classes.has(definition.name)) continue;
    const made = class extends ComfyNode {};
    made.comfyClass = definition.name;
    made.title = definition.title;
    made.category = definition.category;
    made.nodeData = { name: definition.name, display_name: definition.title, ...definition.info };
    classes.set(definition.name, made);
    await callAsync("beforeRegisterNodeDef", made, made.nodeData, app);
  }
}

export function nodeOfClass(id: NodeId, type: string, graph: ComfyGraph): ComfyNode {
  const Made = classes.get(type) ?? ComfyNode;
  return new Made(id, type, graph);
}

export function classOf(type: string): NodeClass | undefined {
  return classes.get(type);
}
