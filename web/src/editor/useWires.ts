/** What happens when a wire is taken, held and let go. */
import type { Connection, Edge, FinalConnectionState, OnConnectStart } from "@xyflow/react";
import { useCallback } from "react";
import type { Catalogue } from "../graph/catalogue";
import { SUBGRAPH_INPUT, subgraphAt } from "../graph/document";
import { disconnect } from "../graph/edits/links";
import type { JsonObject } from "../graph/json";
import { useCatalogue } from "../store/catalogue";
import { stage } from "../store/stage";
import { activeCanvas, activeDocument, activeTab, edit, editDocument } from "../store/tabs";
import { openDialog } from "../store/ui";
import { t } from "../words";
import { isEnd, mayWire, slotFor, type WidgetTypes, withWire } from "./connecting";
import { LINK, numberIn, placeOfSocket, type Side, socketName } from "./names";
import { dropWire, pickWire, takeWire, useWiring, type WireEnd } from "./wiring";

export function useWires() {
  const onConnectStart = useCallback<OnConnectStart>((_, { nodeId, handleId, handleType }) => {
    const end = wireEnd(nodeId, handleId, handleType === "source" ? "output" : "input");
    if (end) takeWire(activeCanvas(), end);
  }, []);
  const onConnect = useCallback((wire: Connection) => lay(wire), []);
  const isValidConnection = useCallback(
    (wire: Connection | Edge) => mayWire(activeDocument(), activeTab().scope, wire, widgetTypes()),
    [],
  );
  const onConnectEnd = useCallback((event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    const { from, picked } = useWiring.getState();
    dropWire();
    if (!from || state.isValid) return;
    const at = screenPlace(event);
    const node = nodeUnder(at);
    if (node !== undefined) onNode(from, node, picked);
    else if (!state.toHandle) onEmpty(from, picked, at);
  }, []);
  const onReconnectStart = useCallback((_: unknown, edge: Edge) => pickWire(numberIn(edge.id, LINK) ?? null), []);
  const onReconnect = useCallback((_: Edge, wire: Connection) => lay(wire), []);
  return { onReconnectStart, onReconnect, onConnectStart, onConnect, onConnectEnd, isValidConnection };
}

function lay(wire: Connection): void {
  const { picked } = useWiring.getState();
  editDocument(t("edit.connect"), (document, scope) => withWire(document, scope, wire, picked, widgetTypes()));
}

/** A wire dropped on a card, but on none of its sockets, finds the one that fits best. */
function onNode(from: WireEnd, id: string, picked: number | null): void {
  const node = activeCanvas().nodes.get(id);
  const slot = node && id !== from.node ? slotFor(activeCanvas(), node, from) : undefined;
  if (slot === undefined) return;
  const [source, target] = from.side === "output" ? [from.node, id] : [id, from.node];
  const other = socketName(from.side === "output" ? "input" : "output", slot);
  const [sourceHandle, targetHandle] = from.side === "output" ? [from.socket, other] : [other, from.socket];
  const wire = { source, target, sourceHandle, targetHandle };
  editDocument(t("edit.connect"), (document, scope) => withWire(document, scope, wire, picked, widgetTypes()));
}

/** A wire dropped on empty canvas: one that was picked up is gone, a new one asks for a node. */
function onEmpty(from: WireEnd, picked: number | null, at: readonly [number, number]): void {
  if (picked !== null) {
    edit(t("edit.disconnect"), (canvas) => disconnect(canvas, picked));
    return;
  }
  const { side, type } = from;
  const node = activeCanvas().nodes.get(from.node)?.id;
  if (node === undefined) return;
  const slot = placeOfSocket(from.socket).slot ?? 0;
  openDialog("search", { position: stage().toCanvas(at), from: { node, slot, side, type } });
}

function wireEnd(node: string | null, socket: string | null, side: Side): WireEnd | undefined {
  if (node === null || socket === null) return undefined;
  const found = activeCanvas().nodes.get(node);
  const { slot, widget } = placeOfSocket(socket);
  const slots = isEnd(node) ? endSlots(node) : side === "output" ? found?.outputs : found?.inputs;
  const type = slot === undefined ? found && widgetTypes()(found, widget ?? "") : slots?.[slot]?.type;
  return { node, side, socket, type: type ?? "*" };
}

/** The sockets of the open subgraph that stand at one of its ends. */
function endSlots(node: string): readonly JsonObject[] | undefined {
  const subgraph = subgraphAt(activeDocument(), activeTab().scope);
  return node === String(SUBGRAPH_INPUT) ? subgraph?.inputs : subgraph?.outputs;
}

function widgetTypes(): WidgetTypes {
  const { catalogue } = useCatalogue.getState();
  return (node, widget) => inputType(catalogue, node.type, widget);
}

function inputType(catalogue: Catalogue, type: string, name: string) {
  return catalogue.get(type)?.inputs.find((input) => input.name === name)?.type;
}

function screenPlace(event: MouseEvent | TouchEvent): readonly [number, number] {
  const { clientX, clientY } =
    "changedTouches" in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event;
  return [clientX, clientY];
}

function nodeUnder([x, y]: readonly [number, number]): string | undefined {
  const element = document
    .elementFromPoint(x, y)
    ?.closest<HTMLElement>(".react-flow__node:not(.react-flow__node-frame)");
  return element?.dataset.id;
}
