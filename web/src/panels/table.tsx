/** The panels of the rail, in their order. */
import type { LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import type { Word } from "../words";

export interface PanelRow {
  readonly id: string;
  readonly title: Word;
  readonly icon: LucideIcon;
  readonly Panel: ComponentType;
}

export const PANELS: readonly PanelRow[] = [];
