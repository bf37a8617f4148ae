/** What is special about a node: a favourite, deprecated, experimental, and the pack it comes from. */
import { Star } from "lucide-react";
import type { NodeDefinition } from "../../graph/catalogue";
import { packOf } from "../../graph/searchIndex";
import { useHabits } from "../../store/habits";
import { t } from "../../words";

export function NodeMarks({ definition }: { readonly definition: NodeDefinition }) {
  const favourite = useHabits((state) => state.favourites.includes(definition.name));
  const pack = packOf(definition);
  return (
    <span className="node-marks">
      {favourite && <Star className="favourite" aria-label={t("node.favourite")} />}
      {definition.deprecated && <span className="tag tag-warn">{t("node.deprecated")}</span>}
      {definition.experimental && <span className="tag">{t("node.experimental")}</span>}
      {pack && <span className="tag">{pack}</span>}
    </span>
  );
}
