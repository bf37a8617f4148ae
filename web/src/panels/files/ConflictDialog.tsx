/** The file was changed by someone else since it was read here. Nothing is overwritten; there are three ways on. */
import { Files, GitMerge, type LucideIcon, RotateCcw } from "lucide-react";
import { mergeTheirs, takeTheirs } from "../../files/conflict";
import { reasonOf, saveCopy, tabOf } from "../../files/save";
import { closeDialog, notify } from "../../store/ui";
import { t, type Word } from "../../words";
import { Modal } from "./Modal";

interface Way {
  readonly title: Word;
  readonly told: Word;
  readonly icon: LucideIcon;
  readonly run: (id: string) => Promise<void>;
}

const WAYS: readonly Way[] = [
  { title: "conflict.merge", told: "conflict.mergeTold", icon: GitMerge, run: mergeTheirs },
  { title: "conflict.copy", told: "conflict.copyTold", icon: Files, run: saveCopy },
  { title: "conflict.theirs", told: "conflict.theirsTold", icon: RotateCcw, run: takeTheirs },
];

export function ConflictDialog({ id }: { readonly id: string }) {
  const name = tabOf(id)?.name ?? "";
  const go = (way: Way) => {
    closeDialog();
    way.run(id).catch((error: unknown) => notify("bad", t("save.failed", { reason: reasonOf(error) })));
  };
  return (
    <Modal
      title={t("conflict.title", { name })}
      onCancel={closeDialog}
      actions={
        <button type="button" className="plain-button" onClick={closeDialog}>
          {t("dialog.cancel")}
        </button>
      }
    >
      <p>{t("conflict.told")}</p>
      <ul className="choices">
        {WAYS.map((way) => (
          <li key={way.title}>
            <button type="button" onClick={() => go(way)}>
              <way.icon aria-hidden />
              <strong>{t(way.title)}</strong>
              <span>{t(way.told)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
