/** The fields of the node at hand, under the tree: the same ones as on its card. Escape goes back to the tree. */
import type { KeyboardEvent } from "react";
import { titleOf, useDefinition, useSubgraph } from "../editor/nodeFacts";
import { NodeFields } from "../fields/NodeFields";
import { rowsOf as fieldsOf } from "../fields/rows";
import { canvasAt, type GraphNode } from "../graph/document";
import { placeOf } from "../graph/scope";
import { activeDocument, useTabs } from "../store/tabs";
import { t } from "../words";
import { focusTree, useOutline } from "./outline";

export function RowFields() {
  const current = useOutline((state) => state.current?.split("/")[0]);
  const node = useTabs((state) => {
    const { scope, id } = placeOf(current ?? "");
    return canvasAt(activeDocument(state), scope).nodes.get(id);
  });
  if (current === undefined || !node) return <p className="quiet outline-hint">{t("outline.hint")}</p>;
  return <Fields key={current} promptId={current} node={node} />;
}

function Fields({ promptId, node }: { readonly promptId: string; readonly node: GraphNode }) {
  const subgraph = useSubgraph(node.type);
  const definition = useDefinition(node, subgraph);
  const title = titleOf(node, definition, subgraph);
  const hear = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    focusTree();
  };
  return (
    <section className="outline-fields" aria-label={t("outline.fields", { node: title })} onKeyDown={hear}>
      <h3>{title}</h3>
      {definition && fieldsOf(definition).length > 0 ? (
        <NodeFields node={node} definition={definition} promptId={promptId} />
      ) : (
        <p className="quiet">{t("outline.noFields", { node: title })}</p>
      )}
      <p className="quiet outline-hint">{t("outline.hint")}</p>
    </section>
  );
}
