/** Begin to drag a wire at a socket, as xyflow's own `Handle` does it; an input with a wire gives that wire away. */
import type { useStoreApi } from "@xyflow/react";
import { XYHandle } from "@xyflow/system";
import type { MouseEvent, TouchEvent } from "react";
import { activeCanvas } from "../store/tabs";
import { type Side, socketName } from "./names";
import { pickWire } from "./wiring";

interface Start {
  readonly node: string;
  readonly side: Side;
  readonly id: string;
  readonly link?: number | null | undefined;
}

type FlowStore = ReturnType<typeof useStoreApi>;

export function startWire(event: MouseEvent | TouchEvent, store: FlowStore, socket: Start): void {
  if ("button" in event && event.button !== 0) return;
  const link = socket.side === "input" && !event.shiftKey ? activeCanvas().links.get(socket.link ?? -1) : undefined;
  pickWire(link?.id ?? null);
  const from = link ? { node: String(link.origin), side: "output", id: socketName("output", link.originSlot) } : socket;
  const state = store.getState();
  XYHandle.onPointerDown(event.nativeEvent, {
    autoPanOnConnect: state.autoPanOnConnect,
    connectionMode: state.connectionMode,
    connectionRadius: state.connectionRadius,
    domNode: state.domNode,
    nodeLookup: state.nodeLookup,
    lib: state.lib,
    flowId: state.rfId,
    nodeId: from.node,
    handleId: from.id,
    isTarget: from.side === "input",
    edgeUpdaterType: from.side === "input" ? "target" : "source",
    handleDomNode: event.currentTarget,
    panBy: state.panBy,
    cancelConnection: state.cancelConnection,
    updateConnection: state.updateConnection,
    ...(state.onConnectStart ? { onConnectStart: state.onConnectStart } : {}),
    onConnect: (connection) => store.getState().onConnect?.(connection),
    onConnectEnd: (...end) => store.getState().onConnectEnd?.(...end),
    isValidConnection: (connection) => store.getState().isValidConnection?.(connection) ?? true,
    getTransform: () => store.getState().transform,
    getFromHandle: () => store.getState().connection.fromHandle,
    autoPanSpeed: state.autoPanSpeed,
    dragThreshold: state.connectionDragThreshold,
  });
}
