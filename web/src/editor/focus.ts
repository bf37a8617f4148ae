/** Moving the focus over the canvas with arrows: from node to node, along their sockets, along wires. */
import type { GraphNode, Point } from "../graph/document";
import { stage } from "../store/stage";
import { activeCanvas, select } from "../store/tabs";
import { placeOfSocket, type Side } from "./names";

export interface SocketFocus {
  readonly node: string;
  readonly side: Side;
  readonly slot: number;
}

/** The socket that has the focus. */
export function focusedSocket(): SocketFocus | undefined {
  const at = document.activeElement;
  if (!(at instanceof HTMLElement) || !at.classList.contains("socket")) return undefined;
  const slot = placeOfSocket(at.dataset.handleid ?? "").slot;
  const side = at.classList.contains("source") ? "output" : "input";
  return slot === undefined ? undefined : { node: at.dataset.nodeid ?? "", side, slot };
}

type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/** Move the focus as an arrow says. @returns whether it did. */
export function moveFocus(key: string, past: boolean): boolean {
  const at = document.activeElement;
  const node = at?.closest<HTMLElement>(".react-flow__node");
  if (!isArrow(key) || !(at instanceof HTMLElement) || !node) return false;
  if (at !== node && !at.classList.contains("socket")) return false;
  const next = past ? undefined : (within(node, at, key) ?? alongWire(at, key));
  if (next) focusOn(next);
  else void focusNode(neighbour(node.dataset.id ?? "", key));
  return true;
}

function isArrow(key: string): key is Arrow {
  return key.startsWith("Arrow");
}

/** The socket above or below within the card; above the first is the card itself. */
function within(node: HTMLElement, at: HTMLElement, key: Arrow): HTMLElement | undefined {
  if (key === "ArrowLeft" || key === "ArrowRight") return undefined;
  const stops = [node, ...node.querySelectorAll<HTMLElement>(".socket")];
  const next = stops.indexOf(at) + (key === "ArrowDown" ? 1 : -1);
  return stops[next];
}

/** The socket at the other end of the wire, if the arrow points that way. */
function alongWire(at: HTMLElement, key: Arrow): HTMLElement | undefined {
  const here = focusedSocket();
  if (!here || key !== (here.side === "output" ? "ArrowRight" : "ArrowLeft")) return undefined;
  const node = activeCanvas().nodes.get(here.node);
  const id = here.side === "output" ? node?.outputs[here.slot]?.links?.[0] : node?.inputs[here.slot]?.link;
  const link = activeCanvas().links.get(id ?? -1);
  if (!link || !at.isConnected) return undefined;
  const [side, other, slot] =
    here.side === "output" ? ["input", link.target, link.targetSlot] : ["output", link.origin, link.originSlot];
  return (
    document.querySelector<HTMLElement>(
      `.socket[data-nodeid="${CSS.escape(String(other))}"][data-handleid="${side}-${slot}"]`,
    ) ?? undefined
  );
}

/** The nearest node in a direction: what lies off to the side counts as further. It need not be in sight. */
function neighbour(id: string, key: Arrow): string | undefined {
  const { nodes } = activeCanvas();
  const from = nodes.get(id);
  if (!from) return undefined;
  const start = middle(from);
  const scored = [...nodes.values()]
    .map((other) => ({ id: String(other.id), far: distance(start, middle(other), key) }))
    .filter(({ id: other, far }) => other !== id && Number.isFinite(far));
  return scored.toSorted((left, right) => left.far - right.far)[0]?.id;
}

function middle(node: GraphNode): Point {
  const [width, height] = stage().sizeOf(String(node.id)) ?? node.size;
  return [node.pos[0] + width / 2, node.pos[1] + height / 2];
}

function distance(from: Point, to: Point, key: Arrow): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const [along, across] = key === "ArrowLeft" || key === "ArrowRight" ? [dx, dy] : [dy, dx];
  const ahead = key === "ArrowRight" || key === "ArrowDown" ? along : -along;
  return ahead > 1 ? ahead + 2 * Math.abs(across) : Number.POSITIVE_INFINITY;
}

/** Bring a node into sight, for what is not seen may not be drawn, and give it the focus. */
async function focusNode(id: string | undefined): Promise<void> {
  if (id === undefined) return;
  await stage().reveal(id);
  focusOn(document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`));
}

/** Give something the focus, and select its node. */
function focusOn(element: HTMLElement | null): void {
  if (!element) return;
  element.focus({ preventScroll: true });
  const id = element.closest<HTMLElement>(".react-flow__node")?.dataset.id;
  if (id !== undefined) select([id]);
}

/** Enter on a card: the focus goes to its first field. */
export function editFocused(): boolean {
  const at = document.activeElement;
  if (!(at instanceof HTMLElement) || !at.classList.contains("react-flow__node")) return false;
  const note = at.querySelector<HTMLElement>("[data-edit]");
  if (note) note.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
  else at.querySelector<HTMLElement>(".node-fields :is(input, textarea, button, select):not(.socket)")?.focus();
  return true;
}
