/** A tab is to be closed whose document was not saved. */
import { close } from "../../files/closed";
import { save, tabOf } from "../../files/save";
import { isDirty } from "../../store/tabs";
import { closeDialog } from "../../store/ui";
import { t } from "../../words";
import { Modal } from "./Modal";

export function UnsavedDialog({ id }: { readonly id: string }) {
  const tab = tabOf(id);
  if (!tab) return null;
  const saveFirst = async () => {
    closeDialog();
    await save(tab);
    const saved = tabOf(id);
    if (saved && !isDirty(saved)) await close(saved);
  };
  const closeNow = () => {
    closeDialog();
    void close(tab);
  };
  return (
    <Modal
      title={t("unsaved.title", { name: tab.name })}
      onCancel={closeDialog}
      actions={
        <>
          <button type="button" className="primary-button" onClick={saveFirst}>
            {t("unsaved.save")}
          </button>
          <button type="button" className="plain-button" onClick={closeNow}>
            {t("unsaved.close")}
          </button>
          <button type="button" className="plain-button" onClick={closeDialog}>
            {t("dialog.cancel")}
          </button>
        </>
      }
    >
      <p>{t("unsaved.told")}</p>
    </Modal>
  );
}
