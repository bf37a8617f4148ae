/** The panels of the rail, in their order. */
import { CircleAlert, Files, Images, ListOrdered, type LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import type { Word } from "../words";
import { FilesPanel } from "./files/FilesPanel";
import { Pictures } from "./pictures/Pictures";
import { Problems } from "./problems/Problems";
import { Queue } from "./queue/Queue";

export interface PanelRow {
  readonly id: string;
  readonly title: Word;
  readonly icon: LucideIcon;
  readonly Panel: ComponentType;
}

export const PANELS: readonly PanelRow[] = [
  { id: "files", title: "files.title", icon: Files, Panel: FilesPanel },
  { id: "queue", title: "queue.title", icon: ListOrdered, Panel: Queue },
  { id: "pictures", title: "pictures.title", icon: Images, Panel: Pictures },
  { id: "problems", title: "problems.title", icon: CircleAlert, Panel: Problems },
];
