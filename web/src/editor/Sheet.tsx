/** One sheet: xyflow with our cards and wires, and the document's canvas in it. */
import {
  Background,
  BackgroundVariant,
  ConnectionLineType,
  type EdgeTypes,
  type NodeTypes,
  ReactFlow,
  SelectionMode,
  useStore,
  type Viewport,
} from "@xyflow/react";
import { type MouseEvent, useCallback, useMemo } from "react";
import { subgraphAt } from "../graph/document";
import { usePreferences } from "../store/preferences";
import { stage } from "../store/stage";
import { activeCanvas, activeDocument, activeTab, select, useTabs } from "../store/tabs";
import { openDialog } from "../store/ui";
import { keepViewport, useView, viewportOf } from "../store/view";
import { Breadcrumb } from "./Breadcrumb";
import type { FlowEdge, FlowNode } from "./flow";
import { GroupFrame } from "./GroupFrame";
import { Lasso } from "./Lasso";
import { LinkEdge } from "./LinkEdge";
import { Minimap } from "./Minimap";
import { FIT, GRID, TINY } from "./measures";
import { addPoint, openMenuFor } from "./menus";
import { NodeCard } from "./NodeCard";
import { NoteCard } from "./NoteCard";
import { LINK, numberIn } from "./names";
import { RerouteKnot, ReroutePoint } from "./ReroutePoint";
import { Stage } from "./Stage";
import { SubgraphEnd } from "./SubgraphEnd";
import { hearOnSheet } from "./sheetKeys";
import { colourOf } from "./socketLook";
import { Toolbar } from "./Toolbar";
import { useClipboard } from "./useClipboard";
import { useFlow } from "./useFlow";
import { useLongPress } from "./useTouch";
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
const MULTI = ["Control", "Meta", "Shift"];
const ATTRIBUTION = { hideAttribution: true };
const PAN = { pan: [0, 1], box: [1], lasso: [1] };

/** What never changes, so that xyflow need not look at it again. */
const FIXED = {
  nodeTypes: NODE_TYPES,
  edgeTypes: EDGE_TYPES,
  minZoom: 0.05,
  maxZoom: 4,
  selectionMode: SelectionMode.Partial,
  multiSelectionKeyCode: MULTI,
  deleteKeyCode: null,
  disableKeyboardA11y: true,
  edgesFocusable: false,
  zoomOnDoubleClick: false,
  connectionRadius: 24,
  connectionLineType: ConnectionLineType.Bezier,
  proOptions: ATTRIBUTION,
  onNodeClick: selectAlone,
  onNodeContextMenu: openMenuAt,
  onEdgeContextMenu: openMenuAt,
  onPaneContextMenu: (event: MouseEvent | globalThis.MouseEvent) => openMenuAt(event),
  onSelectionContextMenu: (event: MouseEvent, nodes: FlowNode[]) => openMenuAt(event, nodes[0]),
  onEdgeClick: (event: MouseEvent, edge: FlowEdge) => event.altKey && addPointHere(event, edge),
  onEdgeDoubleClick: addPointHere,
  onDoubleClick: searchHere,
  onKeyDown: hearOnSheet,
} as const;

/** From how many nodes on only those in sight are drawn: below it drawing all costs less than coming and going. */
const MANY = 150;

export function Sheet({ name }: { readonly name: string }) {
  const canvas = useTabs(activeCanvas);
  const subgraph = useTabs((state) => subgraphAt(activeDocument(state), activeTab(state).scope));
  const selection = useTabs((state) => activeTab(state).selection);
  const flow = useFlow(canvas, subgraph, selection);
  const wires = useWires();
  const touch = useLongPress();
  const wired = useWiring((wiring) => wiring.from?.type);
  const tool = useView((view) => view.tool);
  const snap = useView((view) => view.snap);
  const grid = usePreferences((state) => state.grid);
  const steps = useMemo((): [number, number] => [grid, grid], [grid]);
  const minimap = useView((view) => view.minimap);
  const tiny = useStore((state) => state.transform[2] < TINY);
  const start = useMemo(() => viewOf(name), [name]);
  const keep = useCallback((_: unknown, viewport: Viewport) => keepViewport(name, viewport), [name]);
  const line = useMemo(() => ({ stroke: colourOf(wired ?? "*"), strokeWidth: 2 }), [wired]);
  useClipboard();
  return (
    <ReactFlow<FlowNode, FlowEdge>
      className={`sheet${wired === undefined ? "" : " wiring"}${tiny ? " tiny" : ""}`}
      {...FIXED}
      {...flow}
      {...wires}
      {...touch}
      {...start}
      onMoveEnd={keep}
      snapToGrid={snap}
      snapGrid={steps}
      selectionOnDrag={tool === "box"}
      panOnDrag={PAN[tool]}
      connectionLineStyle={line}
      onlyRenderVisibleElements={canvas.nodes.size > MANY}
    >
      <Background variant={BackgroundVariant.Dots} gap={GRID * 3} size={1.5} />
      {minimap && <Minimap />}
      <Lasso />
      <Toolbar />
      <Breadcrumb />
      <Stage />
    </ReactFlow>
  );
}

/** Where the sheet was left, or all of it; an empty one stays where it is when the first node comes. */
function viewOf(name: string) {
  const before = viewportOf(name) ?? (activeCanvas().nodes.size === 0 ? { x: 0, y: 0, zoom: 1 } : undefined);
  return before ? { defaultViewport: before } : { fitView: true, fitViewOptions: FIT };
}

/** A click on one of many that are selected selects it alone. */
function selectAlone(event: MouseEvent, node: FlowNode): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || node.type === "end") return;
  if (activeTab().selection.size > 1) select([node.id]);
}

function openMenuAt(event: MouseEvent | globalThis.MouseEvent, thing?: FlowNode | FlowEdge): void {
  event.preventDefault();
  openMenuFor(thing?.id, event.clientX, event.clientY);
}

function addPointHere(event: MouseEvent, edge: FlowEdge): void {
  const link = numberIn(edge.id, LINK);
  if (link !== undefined) addPoint(link, event.clientX, event.clientY);
}

/** A double click on empty canvas asks for a node. */
function searchHere({ target, clientX, clientY }: MouseEvent): void {
  if (!(target instanceof Element) || !target.classList.contains("react-flow__pane")) return;
  openDialog("search", { position: stage().toCanvas([clientX, clientY]) });
}
