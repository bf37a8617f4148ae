/** Under which name? Folders are part of it. */
import { type FormEvent, useState } from "react";
import { saveAs, tabOf } from "../../files/save";
import { pathFor } from "../../files/userFiles";
import { closeDialog, dialogDone } from "../../store/ui";
import { t } from "../../words";
import { Modal } from "./Modal";

export function SaveAsDialog({ id }: { readonly id: string }) {
  const [name, setName] = useState(() => tabOf(id)?.name ?? "");
  const [problem, setProblem] = useState("");
  const [taken, setTaken] = useState("");
  const save = async (replace: boolean) => {
    try {
      if (await saveAs(id, name, replace)) dialogDone("saveAs");
      else setTaken(name);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) void save(false);
  };
  return (
    <Modal
      title={t("saveAs.title")}
      onCancel={closeDialog}
      actions={
        <>
          {taken && taken === name ? (
            <button type="button" className="danger-button" onClick={() => save(true)}>
              {t("saveAs.replace")}
            </button>
          ) : (
            <button type="submit" form="save-as" className="primary-button" disabled={!name.trim()}>
              {t("saveAs.save")}
            </button>
          )}
          <button type="button" className="plain-button" onClick={closeDialog}>
            {t("dialog.cancel")}
          </button>
        </>
      }
    >
      <form id="save-as" onSubmit={submit}>
        <label className="modal-field">
          {t("saveAs.name")}
          <input
            // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
            autoFocus
            value={name}
            spellCheck={false}
            autoComplete="off"
            aria-describedby="save-as-told"
            onFocus={(event) => event.target.select()}
            onChange={(event) => {
              setName(event.target.value);
              setProblem("");
            }}
          />
        </label>
        <p id="save-as-told" className={problem || taken === name ? "modal-problem" : "quiet"} role="status">
          {problem || (taken && taken === name ? t("saveAs.taken") : t("saveAs.where", { path: pathFor(name || "…") }))}
        </p>
      </form>
    </Modal>
  );
}
