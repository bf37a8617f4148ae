/** The versions of a document that were kept while it was edited: look, compare with now, go back. */
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { keyOf } from "../../files/autosave";
import { type Version, versionsOf } from "../../files/journal";
import { reasonOf, tabOf } from "../../files/save";
import { restore, type Shown, shown } from "../../files/versions";
import { closeDialog } from "../../store/ui";
import { t } from "../../words";
import { Popup } from "../parts/Popup";
import { GraphSketch } from "./GraphSketch";
import { differenceInWords, timeInWords } from "./told";

export function VersionsDialog({ id }: { readonly id: string }) {
  const tab = tabOf(id);
  const key = tab ? keyOf(tab) : "";
  const [versions, setVersions] = useState<readonly Version[] | undefined>();
  const [chosen, setChosen] = useState<Version | undefined>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    versionsOf(key)
      .then((list) => {
        setVersions(list);
        setChosen(list[0]);
      })
      .catch((error: unknown) => setProblem(reasonOf(error)));
  }, [key]);
  if (!tab) return null;
  const title = t("versions.title", { name: tab.name });
  return (
    <Popup label={title} className="versions" onClose={closeDialog}>
      <header className="floating-head">
        <h2>{title}</h2>
        <button type="button" className="icon-button" aria-label={t("dialog.close")} onClick={closeDialog}>
          <X aria-hidden />
        </button>
      </header>
      {problem && <p className="modal-problem">{problem}</p>}
      {versions?.length === 0 && <p className="versions-none">{t("versions.none")}</p>}
      {versions && versions.length > 0 && (
        <div className="versions-body">
          <VersionList versions={versions} chosen={chosen} onChoose={setChosen} />
          {chosen && <VersionView key={chosen.number} id={id} version={chosen} />}
        </div>
      )}
    </Popup>
  );
}

interface ListProps {
  readonly versions: readonly Version[];
  readonly chosen: Version | undefined;
  readonly onChoose: (version: Version) => void;
}

function VersionList({ versions, chosen, onChoose }: ListProps) {
  return (
    <ul className="versions-list">
      {versions.map((version, index) => (
        <li key={version.number}>
          <button
            type="button"
            // biome-ignore lint/a11y/noAutofocus: what opens takes the focus.
            autoFocus={index === 0}
            aria-pressed={version === chosen}
            onClick={() => onChoose(version)}
          >
            <strong>{version.label || t("versions.edited")}</strong>
            <span className="quiet">
              {timeInWords(version.time)} ·{" "}
              {t(version.nodes === 1 ? "versions.node" : "versions.nodes", { count: version.nodes })}
            </span>
            {!version.dirty && <span className="tag">{t("versions.saved")}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

function VersionView({ id, version }: { readonly id: string; readonly version: Version }) {
  const [found, setFound] = useState<Shown | undefined>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    shown(id, version)
      .then(setFound)
      .catch((error: unknown) => setProblem(reasonOf(error)));
  }, [id, version]);
  return (
    <section className="versions-view" aria-label={t("versions.view")}>
      {found && <GraphSketch document={found.document} label={t("versions.sketch", { count: version.nodes })} />}
      <p role="status" className={problem ? "modal-problem" : undefined}>
        {problem || (found && differenceInWords(found.difference))}
      </p>
      <div className="modal-actions">
        <button
          type="button"
          className="primary-button"
          disabled={!found}
          onClick={() => {
            closeDialog();
            if (found) restore(id, found.document, timeInWords(version.time));
          }}
        >
          {t("versions.restore")}
        </button>
      </div>
    </section>
  );
}
