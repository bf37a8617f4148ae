/** Everything about one node: what is wrong with it, why it ran, what it is for, what it takes and gives. */

import { titleOf, useDefinition, usePromptId, useSubgraph } from "../../editor/nodeFacts";
import type { GraphNode } from "../../graph/document";
import { packOf } from "../../graph/searchIndex";
import { t } from "../../words";
import { Sockets } from "../parts/Sockets";
import { FavouriteButton } from "../search/FavouriteButton";
import { NodeMarks } from "../search/NodeMarks";
import { Properties } from "./Properties";
import { Prose } from "./Prose";
import { RunFacts } from "./RunFacts";

export function NodeInspector({ node }: { readonly node: GraphNode }) {
  const subgraph = useSubgraph(node.type);
  const definition = useDefinition(node, subgraph);
  const promptId = usePromptId(String(node.id));
  const title = titleOf(node, definition, subgraph);
  return (
    <>
      <header className="inspector-title">
        <h2>{title}</h2>
        {definition && <FavouriteButton name={definition.name} title={definition.title} />}
      </header>
      <p className="quiet inspector-class">
        <code>{subgraph ? t("inspector.subgraph") : node.type}</code> #{String(node.id)}
        {definition && <NodeMarks definition={definition} />}
      </p>
      <RunFacts promptId={promptId} />
      <Properties nodes={[node]} />
      {definition ? (
        <>
          <Prose text={definition.description || t("node.undescribed")} />
          <Sockets title={t("node.takes")} sockets={definition.inputs} explained />
          <Sockets title={t("node.gives")} sockets={definition.outputs} explained />
          <p className="quiet inspector-from">
            {t("inspector.from", { category: definition.category, module: packOf(definition) || definition.module })}
          </p>
        </>
      ) : (
        !subgraph && <p>{t("inspector.unknown", { type: node.type })}</p>
      )}
    </>
  );
}
