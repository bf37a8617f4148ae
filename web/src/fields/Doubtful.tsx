/** A word about values that may have been read wrong, above the fields of a node. */
import { TriangleAlert } from "lucide-react";
import type { GraphNode } from "../graph/document";
import { doubtInWords } from "../graph/prompt";
import { readNodeValues } from "../graph/widgetValues";
import { t } from "../words";
import { type Place, settleValues } from "./writing";

interface Props {
  readonly node: GraphNode;
  readonly place: Place;
}

export function Doubtful({ node, place }: Props) {
  const { doubt } = readNodeValues(node, place.definition);
  if (!doubt) return null;
  return (
    <div className="field-doubt" role="note">
      <TriangleAlert aria-hidden />
      <p>{doubtInWords(doubt)}</p>
      {doubt.kind !== "types" && (
        <button type="button" className="nodrag nopan" onClick={() => settleValues(place)}>
          {t("doubt.keep")}
        </button>
      )}
    </div>
  );
}
