/** One of the user's workflows. */
import { PencilLine, Trash2 } from "lucide-react";
import { useState } from "react";
import { openUserFile } from "../../files/open";
import { renameFile } from "../../files/rename";
import { reasonOf } from "../../files/save";
import { deleteFile, nameOf, readFile, type UserFile, writeFile } from "../../files/userFiles";
import { useTabs } from "../../store/tabs";
import { notify } from "../../store/ui";
import { t } from "../../words";
import { timeInWords } from "./told";

interface Props {
  readonly file: UserFile;
  readonly onChange: () => void;
}

export function FileRow({ file, onChange }: Props) {
  const name = nameOf(file.path);
  const isOpen = useTabs((state) => state.tabs.some(({ path }) => path === file.path));
  const [renaming, setRenaming] = useState(false);
  const done = async (text: string) => {
    setRenaming(false);
    if (text.trim() && text.trim() !== name) await renameFile(file.path, text.trim());
    onChange();
  };
  if (renaming) return <NameField name={name} onDone={done} />;
  return (
    <li className="files-row">
      <button type="button" className="files-open" onClick={() => open(file.path)}>
        <span className="files-name">{name}</span>
        <span className="quiet">
          {timeInWords(file.modified)}
          {isOpen && ` · ${t("files.isOpen")}`}
        </span>
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={t("files.rename", { name })}
        onClick={() => setRenaming(true)}
      >
        <PencilLine aria-hidden />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={t("files.delete", { name })}
        onClick={() => remove(file.path, onChange)}
      >
        <Trash2 aria-hidden />
      </button>
    </li>
  );
}

function NameField({ name, onDone }: { readonly name: string; readonly onDone: (text: string) => void }) {
  return (
    <li className="files-row">
      <input
        // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
        autoFocus
        className="tab-field"
        aria-label={t("files.rename", { name })}
        defaultValue={name}
        onFocus={(event) => event.target.select()}
        onBlur={(event) => onDone(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") onDone(name);
        }}
      />
    </li>
  );
}

function open(path: string): void {
  openUserFile(path).catch((error: unknown) =>
    notify("bad", t("open.failed", { name: nameOf(path), reason: reasonOf(error) })),
  );
}

/** Delete at once, with a way back. */
async function remove(path: string, onChange: () => void): Promise<void> {
  try {
    const { text } = await readFile(path);
    await deleteFile(path);
    const back = () => void writeFile(path, text, "nothing").then(onChange);
    notify("info", t("files.deleted", { name: nameOf(path) }), { label: t("files.undo"), run: back });
  } catch (error) {
    notify("bad", reasonOf(error));
  }
  onChange();
}
