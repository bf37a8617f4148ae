/** How the canvas is looked at: what its tools do, where each sheet was left, and xyflow's own handle on it. */
import type { ReactFlowInstance, Viewport } from "@xyflow/react";
import { create } from "zustand";
import type { FlowEdge, FlowNode } from "../editor/flow";
import type { MenuEntry } from "../editor/Menu";
import type { Scope } from "../graph/document";

/** What dragging over empty canvas does. */
export type Tool = "pan" | "box" | "lasso";

interface View {
  readonly flow: ReactFlowInstance<FlowNode, FlowEdge> | null;
  readonly tool: Tool;
  readonly snap: boolean;
  readonly minimap: boolean;
  /** The open context menu. */
  readonly menu: { readonly x: number; readonly y: number; readonly entries: readonly MenuEntry[] } | null;
  /** The node or group whose title is being typed. */
  readonly renaming: string | null;
}

export const useView = create<View>(() => ({
  flow: null,
  tool: "pan",
  snap: false,
  minimap: true,
  menu: null,
  renaming: null,
}));

/** The name of one sheet of one tab, under which its viewport is kept. */
export function sheetName(tab: string, scope: Scope): string {
  return [tab, ...scope].join("/");
}

const viewports = new Map<string, Viewport>();

export function viewportOf(sheet: string): Viewport | undefined {
  return viewports.get(sheet);
}

export function keepViewport(sheet: string, viewport: Viewport): void {
  viewports.set(sheet, viewport);
}

/** The middle of what is seen, in canvas coordinates. */
export function middleOfView(): [x: number, y: number] {
  const { flow } = useView.getState();
  const box = document.querySelector(".react-flow")?.getBoundingClientRect();
  if (!flow || !box) return [0, 0];
  const { x, y } = flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
  return [x, y];
}

export function rename(name: string | null): void {
  useView.setState({ renaming: name });
}
