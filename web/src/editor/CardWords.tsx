/** What a card is and how it stands, for those who listen: "KSampler, done". The card's wrapper points here. */
import type { NodeDefinition } from "../graph/catalogue";
import type { GraphNode } from "../graph/document";
import { t } from "../words";
import { type CardState, wordsFor } from "./nodeState";

interface Props {
  readonly node: GraphNode;
  readonly definition: NodeDefinition | undefined;
  readonly state: CardState;
}

export function CardWords({ node, definition, state }: Props) {
  const kind = definition?.title ?? node.type;
  const how = wordsFor(state, undefined);
  return (
    <span id={`card-words-${node.id}`} hidden>
      {how ? t("card.described", { kind, state: how }) : kind}
    </span>
  );
}
