/** Lets commands ask about the canvas that is seen and move it: `store/stage.ts`. */
import { useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import { type Stage as Abilities, setStage } from "../store/stage";
import { FIT, sizeFor } from "./measures";

const MOTION = { duration: 150 };

export function Stage() {
  const flow = useReactFlow();
  const store = useStoreApi();
  useEffect(() => {
    const mouse: { at: readonly [number, number] | undefined } = { at: undefined };
    const follow = ({ target, clientX, clientY }: PointerEvent) => {
      mouse.at = store.getState().domNode?.contains(target as Node) ? [clientX, clientY] : undefined;
    };
    window.addEventListener("pointermove", follow, { passive: true });
    const toCanvas: Abilities["toCanvas"] = ([x, y]) => {
      const place = flow.screenToFlowPosition({ x, y }, { snapToGrid: false });
      return [place.x, place.y];
    };
    setStage({
      center: () => {
        const { left, top, width, height } = store.getState().domNode?.getBoundingClientRect() ?? new DOMRect();
        return toCanvas([left + width / 2, top + height / 2]);
      },
      pointer: () => mouse.at && toCanvas(mouse.at),
      sizeOf: (id) => {
        const size = store.getState().nodeLookup.get(id)?.measured;
        return size?.width && size.height ? sizeFor(size.width, size.height) : undefined;
      },
      toCanvas,
      toScreen: ([x, y]) => {
        const place = flow.flowToScreenPosition({ x, y });
        return [place.x, place.y];
      },
      fit: (ids) => void flow.fitView({ ...FIT, ...MOTION, ...(ids ? { nodes: ids.map((id) => ({ id })) } : {}) }),
      zoom: (direction) => void (direction === "in" ? flow.zoomIn(MOTION) : flow.zoomOut(MOTION)),
    });
    return () => {
      window.removeEventListener("pointermove", follow);
      setStage(undefined);
    };
  }, [flow, store]);
  return null;
}
