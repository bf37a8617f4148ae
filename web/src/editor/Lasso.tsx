/** Select by drawing around things: what has its middle inside is selected. */
import { useReactFlow } from "@xyflow/react";
import { type PointerEvent, useState } from "react";
import { activeTab, select } from "../store/tabs";
import { useView } from "../store/view";
import type { FlowEdge, FlowNode } from "./flow";
import { insidePolygon, type Spot } from "./polygon";

export function Lasso() {
  const isOn = useView((view) => view.tool === "lasso");
  return isOn ? <Sheet /> : null;
}

function Sheet() {
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const [way, setWay] = useState<readonly Spot[]>([]);
  const [box, setBox] = useState({ left: 0, top: 0 });
  const start = (event: PointerEvent<SVGSVGElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { left, top } = event.currentTarget.getBoundingClientRect();
    setBox({ left, top });
    setWay([[event.clientX, event.clientY]]);
  };
  const go = (event: PointerEvent) => {
    if (way.length > 0) setWay([...way, [event.clientX, event.clientY]]);
  };
  const end = (event: PointerEvent) => {
    const around = way.map(([x, y]): Spot => {
      const place = flow.screenToFlowPosition({ x, y }, { snapToGrid: false });
      return [place.x, place.y];
    });
    setWay([]);
    const found = flow.getNodes().filter((node) => node.type !== "end" && insidePolygon(middleOf(node), around));
    const before = event.ctrlKey || event.shiftKey ? activeTab().selection : [];
    select([...before, ...found.map((node) => node.id)]);
  };
  const points = way.map(([x, y]) => `${x - box.left},${y - box.top}`).join(" ");
  return (
    <svg
      className="lasso nopan"
      onPointerDown={start}
      onPointerMove={go}
      onPointerUp={end}
      onPointerCancel={() => setWay([])}
      aria-hidden
    >
      <polygon points={points} />
    </svg>
  );
}

function middleOf({ position, width, height, measured }: FlowNode): Spot {
  return [position.x + (width ?? measured?.width ?? 0) / 2, position.y + (height ?? measured?.height ?? 0) / 2];
}
