/** A document that was closed, or lost its window, before it was saved. */
import { Trash2 } from "lucide-react";
import { forgetVersions, type Version } from "../../files/journal";
import { entryOfVersion, load } from "../../files/session";
import { openInPlace } from "../../store/tabs";
import { t } from "../../words";
import { timeInWords } from "./told";

interface Props {
  readonly version: Version;
  readonly onChange: () => void;
}

export function UnsavedRow({ version, onChange }: Props) {
  const { name, time, nodes } = version;
  const open = async () => {
    const tab = await load(entryOfVersion(version));
    if (tab) openInPlace(tab);
  };
  return (
    <li className="files-row">
      <button type="button" className="files-open" onClick={open}>
        <span className="files-name">{name}</span>
        <span className="quiet">
          {timeInWords(time)} · {t(nodes === 1 ? "versions.node" : "versions.nodes", { count: nodes })}
        </span>
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={t("files.forget", { name })}
        onClick={() => forgetVersions(version.document).then(onChange)}
      >
        <Trash2 aria-hidden />
      </button>
    </li>
  );
}
