/** Lets commands ask about the canvas that is seen and move it: `store/stage.ts`. */
import { useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import { motionTime } from "../store/preferences";
import { type Stage as Abilities, setStage } from "../store/stage";
import { FIT, sizeFor } from "./measures";

/** Movements take no time where none are wanted. */
const moving = () => ({ duration: motionTime() });

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
      fit: (ids) => void flow.fitView({ ...FIT, ...moving(), ...(ids ? { nodes: ids.map((id) => ({ id })) } : {}) }),
      reveal: async (id) => {
        const { nodeLookup, transform, width, height } = store.getState();
        const node = nodeLookup.get(id);
        if (!node) return;
        const { x, y } = node.internals.positionAbsolute;
        const size = { width: node.measured.width ?? 0, height: node.measured.height ?? 0 };
        const [left, top, zoom] = [x * transform[2] + transform[0], y * transform[2] + transform[1], transform[2]];
        const isSeen = left >= 0 && top >= 0 && left + size.width * zoom <= width && top + size.height * zoom <= height;
        if (!isSeen) await flow.setCenter(x + size.width / 2, y + size.height / 2, { zoom, ...moving() });
      },
      zoom: (direction) => void (direction === "in" ? flow.zoomIn(moving()) : flow.zoomOut(moving())),
    });
    return () => {
      window.removeEventListener("pointermove", follow);
      setStage(undefined);
    };
  }, [flow, store]);
  return null;
}
