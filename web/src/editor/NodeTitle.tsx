/** The title bar of a card: fold, title (double click renames), state. */
import { Boxes, ChevronDown, ChevronRight } from "lucide-react";
import type { GraphNode } from "../graph/document";
import { setTitle, toggleCollapsed } from "../graph/edits/nodes";
import { edit } from "../store/tabs";
import { rename, useView } from "../store/view";
import { t } from "../words";
import { NodeBadge } from "./NodeBadge";
import type { CardState } from "./nodeState";
import { TitleField } from "./TitleField";

interface Props {
  readonly node: GraphNode;
  readonly title: string;
  readonly promptId: string;
  readonly state: CardState;
  /** A double click opens it instead, for subgraphs. */
  readonly onOpen?: (() => void) | undefined;
}

export function NodeTitle({ node, title, promptId, state, onOpen }: Props) {
  const id = String(node.id);
  const renaming = useView((view) => view.renaming === id);
  const fold = () =>
    edit(t(node.collapsed ? "edit.unfold" : "edit.fold"), (canvas) => toggleCollapsed(canvas, [node.id]));
  const Chevron = node.collapsed ? ChevronRight : ChevronDown;
  return (
    <header className="node-title">
      <button
        type="button"
        className="node-fold nodrag"
        tabIndex={-1}
        aria-expanded={!node.collapsed}
        aria-label={t("card.fold")}
        onClick={fold}
      >
        <Chevron aria-hidden />
      </button>
      {renaming ? (
        <TitleField
          title={title}
          onDone={(text) => edit(t("edit.rename"), (canvas) => setTitle(canvas, node.id, text))}
        />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: F2 renames too.
        <span className="node-name" title={title} onDoubleClick={onOpen ?? (() => rename(id))}>
          {title}
        </span>
      )}
      {onOpen && (
        <button
          type="button"
          className="node-fold nodrag"
          tabIndex={-1}
          aria-label={t("command.openSubgraph")}
          title={t("command.openSubgraph")}
          onClick={onOpen}
        >
          <Boxes aria-hidden />
        </button>
      )}
      <NodeBadge promptId={promptId} state={state} />
    </header>
  );
}
