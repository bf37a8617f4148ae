/** What the graph made last, or is making, as large as the form is wide. */
import { NodePictures } from "../fields/NodePictures";
import { inOrder } from "../graph/order";
import { useRuns } from "../store/run";
import { activeDocument, useTabs } from "../store/tabs";
import { t } from "../words";

export function FormResult() {
  const document = useTabs(activeDocument);
  const preview = useRuns((runs) => [...runs.previews.keys()][0]);
  const outputs = useRuns((runs) => runs.outputs);
  const last = inOrder(document.canvas)
    .map(({ id }) => String(id))
    .findLast((id) => outputs.has(id));
  const shown = preview ?? last ?? [...outputs.keys()].at(-1);
  return (
    <section className="form-result" aria-label={t("form.result")}>
      {shown === undefined ? (
        <p className="quiet">{t("form.nothing")}</p>
      ) : (
        <NodePictures promptId={shown} title={t("form.result")} />
      )}
    </section>
  );
}
