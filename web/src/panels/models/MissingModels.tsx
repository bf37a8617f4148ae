/** Files that the open graph names and that the server has not; it fetches them where it may. */
import { Download, ExternalLink, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { fetchModel, type MissingFile, useModels } from "../../store/models";
import { notify } from "../../store/ui";
import { t } from "../../words";

export function MissingModels() {
  const missing = useModels((state) => state.missing);
  if (missing.length === 0) return null;
  return (
    <section className="missing-models" aria-label={t("models.missing")}>
      <h3>
        <TriangleAlert aria-hidden /> {t("models.missing")}
      </h3>
      {missing.map((file) => (
        <Missing key={`${file.kind}/${file.name}`} file={file} />
      ))}
    </section>
  );
}

function Missing({ file }: { readonly file: MissingFile }) {
  const fetches = useModels((state) => state.fetches);
  const [asked, setAsked] = useState(false);
  const ask = () => {
    setAsked(true);
    fetchModel(file)
      .then(() => notify("info", t("models.fetching", { name: file.name })))
      .catch((error: Error) => {
        setAsked(false);
        notify("bad", error.message);
      });
  };
  return (
    <div className="missing-model">
      <strong>{file.name}</strong>
      <span className="quiet">{t("models.wanted", { kind: file.kind })}</span>
      {file.nearest.length > 0 && <span className="quiet">{t("models.nearest", { name: file.nearest[0] ?? "" })}</span>}
      {file.source && fetches && (
        <button type="button" className="plain-button" disabled={asked} onClick={ask}>
          <Download aria-hidden /> {t(asked ? "models.asked" : "models.fetch")}
        </button>
      )}
      {file.source && !fetches && (
        <a href={file.source} target="_blank" rel="noreferrer noopener">
          <ExternalLink aria-hidden /> {t("models.source")}
        </a>
      )}
    </div>
  );
}
