/** The document's canvas as xyflow shows it, and what xyflow changes, as edits of the document. */
import type { EdgeChange, NodeChange, NodeDimensionChange, NodePositionChange } from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";
import type { Canvas, Subgraph } from "../graph/document";
import { activeTab, edit, select } from "../store/tabs";
import { t } from "../words";
import { EMPTY_FLOW, type Flow, type FlowEdge, type FlowNode, flowOf, type Measured } from "./flow";
import { carriedBy, type Held, held, NOTHING_HELD, placed, resized, withHeld } from "./hold";

interface Shown {
  readonly nodes: FlowNode[];
  readonly edges: FlowEdge[];
  readonly onNodesChange: (changes: NodeChange<FlowNode>[]) => void;
  readonly onEdgesChange: (changes: EdgeChange<FlowEdge>[]) => void;
}

export function useFlow(canvas: Canvas, subgraph: Subgraph | undefined, selection: ReadonlySet<string>): Shown {
  const before = useRef<Flow>(EMPTY_FLOW);
  const [measured, setMeasured] = useState<Measured>(new Map());
  const [hold, setHold] = useState<Held>(NOTHING_HELD);
  const holding = useRef(hold);
  const flow = useMemo(() => {
    before.current = flowOf({ canvas, subgraph, selection, measured }, before.current);
    return before.current;
  }, [canvas, subgraph, selection, measured]);
  const nodes = useMemo(() => withHeld(flow.nodes, hold), [flow, hold]);

  const keep = useCallback((next: Held) => {
    holding.current = next;
    setHold(next);
  }, []);

  const onNodesChange = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      changeSelection(changes);
      const moves = changes.filter((change) => change.type === "position" && !!change.position) as NodePositionChange[];
      const sizes = changes.filter((change) => change.type === "dimensions") as NodeDimensionChange[];
      const next = held(holding.current, carriedBy(moves, before.current.nodes), sizes);
      if (next !== holding.current) keep(next);
      const found = sizes.filter((change) => change.dimensions && !change.setAttributes);
      if (found.length > 0) setMeasured((known) => withMeasures(known, found));
      if (ends(changes)) {
        letGo(holding.current);
        keep(NOTHING_HELD);
      }
    },
    [keep],
  );
  return { nodes, edges: flow.edges as FlowEdge[], onNodesChange, onEdgesChange: changeSelection };
}

/** Whether the hand has let go: of what it dragged, or of a corner. */
function ends(changes: readonly NodeChange<FlowNode>[]): boolean {
  return changes.some(
    (change) =>
      (change.type === "position" && change.dragging === false) ||
      (change.type === "dimensions" && change.resizing === false),
  );
}

function letGo(hold: Held): void {
  if (hold.places.size > 0 && hold.sizes.size === 0) {
    edit(t("edit.move", { count: hold.places.size }), (canvas) => placed(canvas, hold.places));
  } else if (hold.sizes.size > 0) {
    edit(t("edit.resize"), (canvas) => resized(placed(canvas, hold.places), hold.sizes));
  }
}

function withMeasures(known: Measured, changes: readonly NodeDimensionChange[]): Measured {
  const next = new Map(known);
  for (const { id, dimensions } of changes) if (dimensions) next.set(id, dimensions);
  return next;
}

function changeSelection(changes: readonly (NodeChange<FlowNode> | EdgeChange<FlowEdge>)[]): void {
  const before = activeTab().selection;
  const next = new Set(before);
  for (const change of changes) {
    if (change.type !== "select") continue;
    if (change.selected) next.add(change.id);
    else next.delete(change.id);
  }
  if (next.size !== before.size || [...next].some((id) => !before.has(id))) select(next);
}
