/** The user's workflows on the server: open, rename, delete; and what was left unsaved. */
import { FilePlus2, FolderOpen, RefreshCw } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { perform } from "../../commands";
import { newestOfAll, type Version } from "../../files/journal";
import { reasonOf } from "../../files/save";
import { listFiles, type UserFile } from "../../files/userFiles";
import { useTabs } from "../../store/tabs";
import { notify } from "../../store/ui";
import { t } from "../../words";
import { Panel } from "../parts/Panel";
import { FileRow } from "./FileRow";
import { UnsavedRow } from "./UnsavedRow";

export function FilesPanel() {
  const [query, setQuery] = useState("");
  const { files, left, reload } = useFiles();
  const found = files?.filter(({ path }) => path.toLowerCase().includes(query.toLowerCase()));
  const again = (
    <button
      type="button"
      className="icon-button"
      aria-label={t("files.reload")}
      title={t("files.reload")}
      onClick={reload}
    >
      <RefreshCw aria-hidden />
    </button>
  );
  return (
    <Panel title={t("files.title")} className="panel-plain files" actions={again}>
      <div className="files-actions">
        <button type="button" className="quiet-button" onClick={() => perform("file.new")}>
          <FilePlus2 aria-hidden />
          {t("command.new")}
        </button>
        <button type="button" className="quiet-button" onClick={() => perform("file.open")}>
          <FolderOpen aria-hidden />
          {t("command.open")}
        </button>
      </div>
      {left.length > 0 && (
        <>
          <h3>{t("files.unsaved")}</h3>
          <ul className="files-rows">
            {left.map((version) => (
              <UnsavedRow key={version.document} version={version} onChange={reload} />
            ))}
          </ul>
        </>
      )}
      <h3>{t("files.workflows")}</h3>
      {files && files.length > 0 && (
        <input
          type="search"
          className="files-search"
          aria-label={t("files.search")}
          placeholder={t("files.search")}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
      )}
      <ul className="files-rows">
        {found?.map((file) => (
          <FileRow key={file.path} file={file} onChange={reload} />
        ))}
      </ul>
      {files?.length === 0 && <p className="quiet">{t("files.empty")}</p>}
      {files && files.length > 0 && found?.length === 0 && <p className="quiet">{t("files.none")}</p>}
    </Panel>
  );
}

/** The files that there are, read again whenever a tab was saved, renamed, opened or closed. */
function useFiles() {
  const [files, setFiles] = useState<readonly UserFile[] | undefined>();
  const [left, setLeft] = useState<readonly Version[]>([]);
  const open = useTabs(useShallow((state) => state.tabs.map(({ id, path, etag }) => `${path ?? id} ${etag}`)));
  const reload = useCallback(() => {
    const keys = new Set(open.map((one) => one.slice(0, one.lastIndexOf(" "))));
    listFiles()
      .then((list) => setFiles(list.toSorted((one, other) => other.modified - one.modified)))
      .catch((error: unknown) => notify("bad", reasonOf(error)));
    newestOfAll()
      .then((list) => setLeft(list.filter(({ document, dirty, nodes }) => dirty && nodes > 0 && !keys.has(document))))
      .catch(() => setLeft([]));
  }, [open]);
  useEffect(reload, [reload]);
  return { files, left, reload };
}
