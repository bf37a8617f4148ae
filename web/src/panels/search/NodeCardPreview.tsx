/** The chosen node beside the list: what it is for, what it takes, what it gives. */
import type { NodeDefinition } from "../../graph/catalogue";
import { t } from "../../words";
import { Inline } from "../inspector/Prose";
import { firstParagraph } from "../inspector/paragraphs";
import { Sockets } from "../parts/Sockets";
import { FavouriteButton } from "./FavouriteButton";

export function NodeCardPreview({ definition }: { readonly definition: NodeDefinition }) {
  return (
    <aside className="search-preview" aria-label={t("search.preview")}>
      <header>
        <h2>{definition.title}</h2>
        <FavouriteButton name={definition.name} title={definition.title} />
      </header>
      <p className="quiet">{definition.name}</p>
      <p>
        <Inline text={firstParagraph(definition.description) || t("node.undescribed")} />
      </p>
      <Sockets title={t("node.takes")} sockets={definition.inputs} />
      <Sockets title={t("node.gives")} sockets={definition.outputs} />
    </aside>
  );
}
