/** Model files: drag one onto the canvas and its loader comes; what the graph lacks stands on top. */
import { RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";
import { queryWords } from "../../graph/search";
import { titleScore } from "../../graph/wordMatch";
import { loadMissing, loadModels, type ModelKind, useModels } from "../../store/models";
import { activeDocument, useTabs } from "../../store/tabs";
import { notify } from "../../store/ui";
import { t } from "../../words";
import { FilterField } from "../parts/FilterField";
import { Panel } from "../parts/Panel";
import { MissingModels } from "./MissingModels";
import { ModelRow } from "./ModelRow";

export function ModelsPanel() {
  const [query, setQuery] = useState("");
  const { kinds, loaded } = useModels();
  useWhatIsMissing();
  useEffect(() => told(loadModels()), []);
  const words = queryWords(query);
  const shown = kinds.map(({ kind, files }) => ({ kind, files: files.filter((file) => answers(kind, file, words)) }));
  const full = shown.filter(({ files }) => files.length > 0);
  const refresh = (
    <button
      type="button"
      className="icon-button"
      aria-label={t("models.refresh")}
      title={t("models.refresh")}
      onClick={() => told(loadModels())}
    >
      <RefreshCw aria-hidden />
    </button>
  );
  return (
    <Panel title={t("panel.models")} actions={refresh}>
      <FilterField label={t("models.filter")} value={query} onChange={setQuery} />
      <div className="panel-scroll">
        <MissingModels />
        {full.map((kind) => (
          <Kind key={kind.kind} {...kind} open={words.length > 0 || kind.files.length <= 12} />
        ))}
        {loaded && full.length === 0 && <p className="panel-empty">{t(query ? "models.none" : "models.empty")}</p>}
      </div>
    </Panel>
  );
}

function Kind({ kind, files, open }: ModelKind & { readonly open: boolean }) {
  return (
    <details open={open} className="model-kind">
      <summary>
        {kind.replaceAll("_", " ")} <span className="quiet">{files.length}</span>
      </summary>
      {files.map((file) => (
        <ModelRow key={file} kind={kind} file={file} />
      ))}
    </details>
  );
}

/** Asked again when the document changes, a moment after the last change. */
function useWhatIsMissing(): void {
  const document = useTabs(activeDocument);
  useEffect(() => {
    const timer = setTimeout(() => told(loadMissing()), document.canvas.nodes.size > 0 ? 400 : 0);
    return () => clearTimeout(timer);
  }, [document]);
}

function answers(kind: string, file: string, words: readonly string[]): boolean {
  return words.length === 0 || titleScore(`${kind} ${file}`, words) !== undefined;
}

function told(work: Promise<void>): void {
  work.catch((error: Error) => notify("bad", error.message));
}
