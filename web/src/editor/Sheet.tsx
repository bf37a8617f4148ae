/** One sheet: xyflow with our cards and wires, and the document's canvas in it. */
import {
  Background,
  BackgroundVariant,
  ConnectionLineType,
  type EdgeTypes,
  type FitViewOptions,
  MiniMap,
  type NodeTypes,
  ReactFlow,
  SelectionMode,
} from "@xyflow/react";
import { type MouseEvent, useCallback } from "react";
import { subgraphAt } from "../graph/document";
import { activeCanvas, activeDocument, activeTab, useTabs } from "../store/tabs";
import { keepViewport, useView, viewportOf } from "../store/view";
import type { FlowEdge, FlowNode } from "./flow";
import { GroupFrame } from "./GroupFrame";
import { LinkEdge } from "./LinkEdge";
import { GRID } from "./measures";
import { addPoint, openMenuFor } from "./menus";
import { NodeCard } from "./NodeCard";
import { NoteCard } from "./NoteCard";
import { LINK, numberIn } from "./names";
import { RerouteKnot, ReroutePoint } from "./ReroutePoint";
import { Stage } from "./Stage";
import { SubgraphEnd } from "./SubgraphEnd";
import { colourOf } from "./socketLook";
import { useFlow } from "./useFlow";
import { useWires } from "./useWires";
import { useWiring } from "./wiring";

const NODE_TYPES: NodeTypes = {
  card: NodeCard,
  note: NoteCard,
  knot: RerouteKnot,
  frame: GroupFrame,
  point: ReroutePoint,
  end: SubgraphEnd,
};
const EDGE_TYPES: EdgeTypes = { link: LinkEdge };
const SNAP: [number, number] = [GRID, GRID];
export const FIT: FitViewOptions = { padding: 0.12, maxZoom: 1 };
const MULTI = ["Control", "Meta"];

export function Sheet({ name }: { readonly name: string }) {
  const canvas = useTabs(activeCanvas);
  const subgraph = useTabs((state) => subgraphAt(activeDocument(state), activeTab(state).scope));
  const selection = useTabs((state) => activeTab(state).selection);
  const flow = useFlow(canvas, subgraph, selection);
  const wires = useWires();
  const wired = useWiring((wiring) => wiring.from?.type);
  const { tool, snap, minimap } = useView();
  const before = viewportOf(name);
  return (
    <ReactFlow<FlowNode, FlowEdge>
      className={wired === undefined ? "sheet" : "sheet wiring"}
      {...flow}
      {...wires}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      {...(before ? { defaultViewport: before } : { fitView: true, fitViewOptions: FIT })}
      onMoveEnd={(_, viewport) => keepViewport(name, viewport)}
      minZoom={0.05}
      maxZoom={4}
      snapToGrid={snap}
      snapGrid={SNAP}
      selectionMode={SelectionMode.Partial}
      selectionOnDrag={tool === "box"}
      panOnDrag={tool === "pan" ? [0, 1] : [1]}
      multiSelectionKeyCode={MULTI}
      deleteKeyCode={null}
      disableKeyboardA11y
      zoomOnDoubleClick={false}
      connectionRadius={24}
      connectionLineType={ConnectionLineType.Bezier}
      connectionLineStyle={{ stroke: colourOf(wired ?? "*"), strokeWidth: 2 }}
      elevateNodesOnSelect
      onlyRenderVisibleElements={canvas.nodes.size > 100}
      onNodeContextMenu={useMenu(useCallback((node: FlowNode) => node.id, []))}
      onEdgeContextMenu={useMenu(useCallback((edge: FlowEdge) => edge.id, []))}
      onEdgeClick={addPointOnAlt}
      onEdgeDoubleClick={addPointHere}
      onPaneContextMenu={openPaneMenu}
      proOptions={ATTRIBUTION}
    >
      <Background variant={BackgroundVariant.Dots} gap={GRID * 3} size={1} />
      {minimap && <MiniMap pannable zoomable ariaLabel={null} nodeColor={minimapColour} />}
      <Stage />
    </ReactFlow>
  );
}

const ATTRIBUTION = { hideAttribution: true };

function useMenu<T>(nameOf: (thing: T) => string) {
  return useCallback(
    (event: MouseEvent, thing: T) => {
      event.preventDefault();
      openMenuFor(nameOf(thing), event.clientX, event.clientY);
    },
    [nameOf],
  );
}

function openPaneMenu(event: MouseEvent | globalThis.MouseEvent): void {
  event.preventDefault();
  openMenuFor(undefined, event.clientX, event.clientY);
}

function addPointHere(event: MouseEvent, edge: FlowEdge): void {
  const link = numberIn(edge.id, LINK);
  if (link !== undefined) addPoint(link, event.clientX, event.clientY);
}

function addPointOnAlt(event: MouseEvent, edge: FlowEdge): void {
  if (event.altKey) addPointHere(event, edge);
}

function minimapColour(node: FlowNode): string {
  if (node.type === "frame") return "var(--line)";
  return node.selected ? "var(--accent)" : "var(--quiet)";
}
