/** A model file: dragged or clicked, it becomes the node that loads it. */
import { Box } from "lucide-react";
import { loaderOf } from "../../graph/loaders";
import { useCatalogue } from "../../store/catalogue";
import { t } from "../../words";
import { startDrag } from "../parts/dragging";
import { addChosen } from "../search/adding";

interface Props {
  readonly kind: string;
  readonly file: string;
}

export function ModelRow({ kind, file }: Props) {
  const catalogue = useCatalogue((state) => state.catalogue);
  const loader = loaderOf(catalogue, kind, file);
  const values = loader && { [loader.field]: file };
  const title = loader ? t("models.loads", { loader: loader.definition.title }) : t("models.noLoader");
  return (
    <button
      type="button"
      className="model-row"
      draggable={loader !== undefined}
      aria-disabled={loader === undefined}
      title={`${file}\n${title}`}
      onDragStart={(event) => loader && values && startDrag(event, { name: loader.definition.name, values })}
      onClick={() => loader && values && addChosen(loader.definition, { values })}
    >
      <Box aria-hidden />
      <span className="model-name">{file}</span>
    </button>
  );
}
