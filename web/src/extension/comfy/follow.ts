/** Tells packs what happens: nodes come, go, are wired and show results. */
import type { Canvas, Link } from "../../graph/document";
import { useRuns } from "../../store/run";
import { activeCanvas, activeTab, useTabs } from "../../store/tabs";
import { useAttachments } from "./attachments";
import { nodeOfClass } from "./classes";
import type { ComfyGraph } from "./graph";
import { call, callNode } from "./hooks";
import type { ComfyNode } from "./node";

const INPUT = 1;
const OUTPUT = 2;

interface Seen {
  readonly place: string;
  readonly canvas: Canvas;
}

/** Follow the canvas that is seen and the results of runs, from now on. */
export function follow(graph: ComfyGraph): void {
  let seen: Seen = { place: "", canvas: { ...activeCanvas(), nodes: new Map(), links: new Map() } };
  const update = () => {
    const tab = activeTab();
    const now = { place: [tab.id, ...tab.scope].join(" "), canvas: activeCanvas() };
    if (now.place === seen.place && now.canvas === seen.canvas) return;
    const before = seen;
    seen = now;
    change(graph, before, now);
  };
  update();
  useTabs.subscribe(update);
  useRuns.subscribe((runs, before) => {
    if (runs.outputs === before.outputs) return;
    for (const [id, output] of runs.outputs) {
      const node = output === before.outputs.get(id) ? undefined : useAttachments.getState().nodes.get(id);
      if (node) callNode(node, "onExecuted", output);
    }
  });
}

function change(graph: ComfyGraph, before: Seen, now: Seen): void {
  const isOther = before.place !== now.place;
  const kept = isOther ? new Map<string, ComfyNode>() : useAttachments.getState().nodes;
  const nodes = [...now.canvas.nodes.values()].map((node): [string, ComfyNode] => {
    const known = kept.get(String(node.id));
    return [String(node.id), known?.type === node.type ? known : nodeOfClass(node.id, node.type, graph)];
  });
  const gone = [...kept].filter(([id]) => !now.canvas.nodes.has(id));
  useAttachments.setState(({ version }) => ({ nodes: new Map(nodes), version: version + 1 }));
  for (const [, node] of gone) callNode(node, "onRemoved");
  for (const [id, node] of nodes) if (kept.get(id) !== node) arrive(node, isOther);
  if (!isOther) tellWires(before.canvas, now.canvas);
}

/** @param loaded the node comes with its document, and not from the user's hand. */
function arrive(node: ComfyNode, loaded: boolean): void {
  callNode(node, "onNodeCreated");
  call("nodeCreated", node);
  if (!loaded) return;
  callNode(node, "onConfigure", node.serialize());
  call("loadedGraphNode", node);
}

function tellWires(before: Canvas, now: Canvas): void {
  for (const link of before.links.values()) if (now.links.get(link.id) !== link) tellWire(link, false);
  for (const link of now.links.values()) if (before.links.get(link.id) !== link) tellWire(link, true);
}

function tellWire(link: Link, connected: boolean): void {
  const { nodes } = useAttachments.getState();
  const info = {
    id: link.id,
    origin_id: link.origin,
    origin_slot: link.originSlot,
    target_id: link.target,
    target_slot: link.targetSlot,
    type: link.type,
  };
  const [from, to] = [nodes.get(String(link.origin)), nodes.get(String(link.target))];
  if (to) callNode(to, "onConnectionsChange", INPUT, link.targetSlot, connected, info, to.inputs[link.targetSlot]);
  if (from)
    callNode(from, "onConnectionsChange", OUTPUT, link.originSlot, connected, info, from.outputs[link.originSlot]);
}
