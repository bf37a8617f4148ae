/** A field whose value a wire brings: where from, and the button that gives the field its own value back. */
import { Unplug } from "lucide-react";
import { type Canvas, canvasAt, nodeOf, SUBGRAPH_INPUT, type Subgraph, subgraphAt } from "../graph/document";
import { disconnect } from "../graph/edits/links";
import { asText } from "../graph/json";
import { useCatalogue } from "../store/catalogue";
import { stage } from "../store/stage";
import { activeDocument, select, useTabs } from "../store/tabs";
import { t } from "../words";
import { changeCanvas, type Place } from "./writing";

interface Props {
  readonly place: Place;
  readonly name: string;
  readonly label: string;
  readonly link: number;
}

export function Wired({ place, label, link }: Props) {
  const told = useTabs((state) => {
    const document = activeDocument(state);
    return sourceWords(canvasAt(document, place.scope), subgraphAt(document, place.scope), link);
  });
  const unwire = () => changeCanvas(place, t("field.unwired"), (canvas) => disconnect(canvas, link));
  return (
    <div className="field" data-kind="wired">
      <span className="field-label">{label}</span>
      <div className="field-control">
        <span className="wired">
          <button
            type="button"
            className="wired-source nodrag nopan"
            title={told}
            onClick={() => selectSource(place, link)}
          >
            {told}
          </button>
          <button
            type="button"
            className="field-icon nodrag nopan"
            title={t("field.unwire", { field: label })}
            onClick={unwire}
          >
            <Unplug aria-label={t("field.unwire", { field: label })} />
          </button>
        </span>
      </div>
    </div>
  );
}

function sourceWords(canvas: Canvas, subgraph: Subgraph | undefined, link: number): string {
  const wire = canvas.links.get(link);
  if (!wire) return "";
  if (wire.origin === SUBGRAPH_INPUT) {
    return t("field.fromSubgraph", { name: asText(subgraph?.inputs[wire.originSlot]?.name) });
  }
  const node = nodeOf(canvas, wire.origin);
  const title = node?.title ?? useCatalogue.getState().catalogue.get(node?.type ?? "")?.title ?? node?.type ?? "";
  return t("field.from", { node: title });
}

function selectSource(place: Place, link: number): void {
  const wire = canvasAt(activeDocument(), place.scope).links.get(link);
  if (!wire || wire.origin === SUBGRAPH_INPUT) return;
  select([String(wire.origin)]);
  stage().fit([String(wire.origin)]);
}
