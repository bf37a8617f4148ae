/**
 * The whole sheet, small, with what is seen of it; dragging in it moves the view.
 *
 * Drawn on a canvas element, past React: hundreds of nodes as elements cost more than the cards that they stand for.
 */
import { useReactFlow, useStoreApi } from "@xyflow/react";
import { type PointerEvent, useEffect, useRef } from "react";
import { t } from "../words";
import type { FlowEdge, FlowNode } from "./flow";
import { boxOf, MAP, type MapView, mapView, seenBox } from "./minimapView";

/** How long the picture of the nodes may lag behind a drag, in ms. */
const LAG = 150;

export function Minimap() {
  const store = useStoreApi<FlowNode, FlowEdge>();
  const flow = useReactFlow();
  const sheet = useRef<HTMLCanvasElement>(null);
  const seen = useRef<HTMLDivElement>(null);
  const view = useRef<MapView>(mapView([]));
  useEffect(() => {
    let drawn: readonly FlowNode[] | undefined;
    let timer: number | undefined;
    const frame = () => {
      const { transform, width, height } = store.getState();
      if (seen.current) place(seen.current, seenBox(view.current, transform, width, height));
    };
    const draw = () => {
      timer = undefined;
      drawn = store.getState().nodes;
      view.current = mapView(drawn.map(boxOf));
      if (sheet.current) paint(sheet.current, drawn, view.current);
      frame();
    };
    const follow = () => {
      frame();
      if (drawn !== store.getState().nodes) timer ??= window.setTimeout(draw, LAG);
    };
    draw();
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributes: true });
    const leave = store.subscribe(follow);
    return () => {
      leave();
      themed.disconnect();
      window.clearTimeout(timer);
    };
  }, [store]);
  const go = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const { scale, x, y } = view.current;
    const at = [(event.clientX - left - x) / scale, (event.clientY - top - y) / scale] as const;
    void flow.setCenter(at[0], at[1], { zoom: flow.getZoom() });
  };
  return (
    <div
      className="minimap nopan nowheel"
      role="img"
      aria-label={t("minimap.label")}
      onPointerDown={go}
      onPointerMove={go}
    >
      <canvas ref={sheet} width={MAP.width * 2} height={MAP.height * 2} />
      <div ref={seen} className="minimap-seen" />
    </div>
  );
}

function place(element: HTMLElement, { x, y, width, height }: ReturnType<typeof seenBox>): void {
  element.style.transform = `translate(${x}px, ${y}px)`;
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
}

function paint(sheet: HTMLCanvasElement, nodes: readonly FlowNode[], { scale, x, y }: MapView): void {
  const pen = sheet.getContext("2d");
  if (!pen) return;
  const style = getComputedStyle(sheet);
  const ink = (name: string) => style.getPropertyValue(name).trim();
  pen.setTransform(2, 0, 0, 2, 0, 0);
  pen.clearRect(0, 0, MAP.width, MAP.height);
  for (const node of nodes) {
    const box = boxOf(node);
    pen.fillStyle = ink(node.selected ? "--accent" : node.type === "frame" ? "--line" : "--quiet");
    pen.fillRect(box.x * scale + x, box.y * scale + y, Math.max(1, box.width * scale), Math.max(1, box.height * scale));
  }
}
