/** How the canvas is looked at: what its tools do, where each sheet was left, which menu is open. */
import type { Viewport } from "@xyflow/react";
import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { MenuEntry } from "../editor/Menu";
import type { Scope } from "../graph/document";

/** What dragging over empty canvas does. */
export type Tool = "pan" | "box" | "lasso";

export interface OpenMenu {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly entries: readonly MenuEntry[];
}

interface View {
  readonly tool: Tool;
  readonly snap: boolean;
  readonly minimap: boolean;
  readonly menu: OpenMenu | null;
  /** The node or group whose title is being typed. */
  readonly renaming: string | null;
}

export const useView = create<View>()(
  persist((): View => ({ tool: "pan", snap: false, minimap: true, menu: null, renaming: null }), {
    name: "ldm_nodes.view",
    partialize: ({ snap, minimap }) => ({ snap, minimap }),
  }),
);

export function rename(name: string | null): void {
  useView.setState({ renaming: name });
}

export function openMenu(menu: OpenMenu | null): void {
  useView.setState({ menu });
}

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
