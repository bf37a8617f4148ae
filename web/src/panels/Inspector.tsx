/** What is selected: a node's documentation, inputs and problems, or what several nodes have in common. */
import { X } from "lucide-react";
import type { GraphNode } from "../graph/document";
import { activeCanvas, activeTab, useTabs } from "../store/tabs";
import { useUi } from "../store/ui";
import { t } from "../words";
import { NodeInspector } from "./inspector/NodeInspector";
import { Properties } from "./inspector/Properties";

export function Inspector() {
  const open = useUi((state) => state.inspector);
  if (!open) return null;
  return (
    <aside className="inspector" aria-label={t("inspector.label")}>
      <button
        type="button"
        className="icon-button inspector-close"
        aria-label={t("panel.close", { title: t("inspector.label") })}
        onClick={() => useUi.setState({ inspector: false })}
      >
        <X aria-hidden />
      </button>
      <Selected />
    </aside>
  );
}

function Selected() {
  const canvas = useTabs(activeCanvas);
  const selection = useTabs((state) => activeTab(state).selection);
  const nodes = [...selection].flatMap((id): GraphNode[] => {
    const node = canvas.nodes.get(id);
    return node ? [node] : [];
  });
  const [first] = nodes;
  if (!first) return <p className="panel-empty">{t("inspector.nothing")}</p>;
  if (nodes.length === 1) return <NodeInspector key={String(first.id)} node={first} />;
  return (
    <>
      <h2>{t("inspector.several", { count: nodes.length })}</h2>
      <Properties nodes={nodes} />
    </>
  );
}
