/** The panels of the rail, in their order. */
import { Box, Boxes, CircleAlert, Files, Images, LayoutTemplate, ListOrdered, type LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import type { Word } from "../words";
import { FilesPanel } from "./files/FilesPanel";
import { ModelsPanel } from "./models/ModelsPanel";
import { NodesPanel } from "./nodes/NodesPanel";
import { Pictures } from "./pictures/Pictures";
import { Problems } from "./problems/Problems";
import { Queue } from "./queue/Queue";
import { TemplatesPanel } from "./templates/TemplatesPanel";

export interface PanelRow {
  readonly id: string;
  readonly title: Word;
  readonly icon: LucideIcon;
  readonly Panel: ComponentType;
}

export const PANELS: readonly PanelRow[] = [
  { id: "nodes", title: "panel.nodes", icon: Boxes, Panel: NodesPanel },
  { id: "templates", title: "panel.templates", icon: LayoutTemplate, Panel: TemplatesPanel },
  { id: "files", title: "files.title", icon: Files, Panel: FilesPanel },
  { id: "queue", title: "queue.title", icon: ListOrdered, Panel: Queue },
  { id: "pictures", title: "pictures.title", icon: Images, Panel: Pictures },
  { id: "models", title: "panel.models", icon: Box, Panel: ModelsPanel },
  { id: "problems", title: "problems.title", icon: CircleAlert, Panel: Problems },
];
