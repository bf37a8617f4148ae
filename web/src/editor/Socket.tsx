/**
 * A socket: where a wire starts or ends.
 *
 * It stands in for xyflow's `Handle` and looks the same to it (classes and data attributes), but subscribes only to
 * "does this socket take the wire in the hand": of thousands, none is asked while the canvas is panned.
 */
import { useStoreApi } from "@xyflow/react";
import { type MouseEvent, memo, type TouchEvent } from "react";
import { typeName } from "../graph/document";
import type { Json } from "../graph/json";
import { activeCanvas, activeDocument, activeTab, useTabs } from "../store/tabs";
import { t } from "../words";
import { type Side, socketName, widgetName } from "./names";
import { otherEnds } from "./otherEnds";
import { colourOf, shapeOf } from "./socketLook";
import { startWire } from "./startWire";
import { partIn, useWiring, wouldTake } from "./wiring";

export interface SocketProps {
  readonly node: string;
  readonly side: Side;
  readonly type: Json;
  readonly name: string;
  /** The slot in the document; left out for a widget that has none yet, which `widget` then names. */
  readonly slot?: number | undefined;
  readonly widget?: string | undefined;
  /** The wire in it. */
  readonly link?: number | null | undefined;
  readonly optional?: boolean | undefined;
}

export const Socket = memo(function Socket(props: SocketProps) {
  const { node, side, type, name, slot, widget, link, optional } = props;
  const store = useStoreApi();
  const id = slot === undefined ? widgetName(widget ?? name) : socketName(side, slot);
  const part = useWiring((wiring) => partIn(wiring, node, id) || (wouldTake(wiring, node, side, type) ? "lit" : ""));
  const label = t(side === "input" ? "socket.input" : "socket.output", { name, type: typeName(type) });
  const others = useOthers(props);
  const kind = side === "input" ? "target" : "source";
  const start = (event: MouseEvent | TouchEvent) => startWire(event, store, { node, side, id, link });
  return (
    <button
      type="button"
      tabIndex={-1}
      className={`react-flow__handle socket ${kind} connectable connectableend nodrag nopan ${part}`}
      style={{ color: colourOf(type) }}
      title={typeName(type)}
      aria-label={others ? t("socket.linked", { socket: label, node: others }) : label}
      data-shape={shapeOf(type)}
      data-hollow={(optional && !isLinked(link)) || undefined}
      data-linked={isLinked(link) || undefined}
      data-handleid={id}
      data-nodeid={node}
      data-handlepos={side === "input" ? "left" : "right"}
      data-id={`${store.getState().rfId}-${node}-${id}-${kind}`}
      onMouseDown={start}
      onTouchStart={start}
    />
  );
});

/** What it is connected to, in words. */
function useOthers({ node, side, slot, link }: SocketProps): string {
  return useTabs((state) => {
    const found = isLinked(link) && slot !== undefined && activeCanvas(state).nodes.get(node);
    return found ? otherEnds(activeDocument(state), activeTab(state).scope, found, side, slot) : "";
  });
}

function isLinked(link: number | null | undefined): boolean {
  return link !== null && link !== undefined;
}
