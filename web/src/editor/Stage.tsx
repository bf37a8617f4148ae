/** Lets commands move the canvas that is seen: `store/stage.ts`. */
import { useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import { setStage } from "../store/stage";
import { FIT } from "./Sheet";

const MOTION = { duration: 150 };

export function Stage() {
  const flow = useReactFlow();
  const store = useStoreApi();
  useEffect(() => {
    const box = () => store.getState().domNode?.getBoundingClientRect() ?? new DOMRect();
    setStage({
      center: () => {
        const { left, top, width, height } = box();
        const { x, y } = flow.screenToFlowPosition({ x: left + width / 2, y: top + height / 2 });
        return [x, y];
      },
      toCanvas: ([x, y]) => {
        const place = flow.screenToFlowPosition({ x, y }, { snapToGrid: false });
        return [place.x, place.y];
      },
      toScreen: ([x, y]) => {
        const place = flow.flowToScreenPosition({ x, y });
        return [place.x, place.y];
      },
      fit: (ids) => void flow.fitView({ ...FIT, ...MOTION, ...(ids ? { nodes: ids.map((id) => ({ id })) } : {}) }),
      zoom: (direction) => void (direction === "in" ? flow.zoomIn(MOTION) : flow.zoomOut(MOTION)),
    });
    return () => setStage(undefined);
  }, [flow, store]);
  return null;
}
