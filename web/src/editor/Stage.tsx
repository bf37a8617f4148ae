/** Lets others move the sheet and ask it for places; it stands inside `ReactFlow` and shows nothing. */
import { useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import type { Point } from "../graph/document";
import { setStage } from "../store/stage";

const MARGIN = 0.15;

export function Stage() {
  const flow = useReactFlow();
  const store = useStoreApi();
  useEffect(() => {
    const pair = ({ x, y }: { x: number; y: number }): Point => [x, y];
    setStage({
      center: () => {
        const box = store.getState().domNode?.getBoundingClientRect();
        const middle = box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : { x: 0, y: 0 };
        return pair(flow.screenToFlowPosition(middle));
      },
      toCanvas: ([x, y]) => pair(flow.screenToFlowPosition({ x, y })),
      toScreen: ([x, y]) => pair(flow.flowToScreenPosition({ x, y })),
      fit: (ids) => void flow.fitView({ padding: MARGIN, ...(ids ? { nodes: ids.map((id) => ({ id })) } : {}) }),
      zoom: (direction) => void (direction === "in" ? flow.zoomIn() : flow.zoomOut()),
    });
    return () => setStage(undefined);
  }, [flow, store]);
  return null;
}
