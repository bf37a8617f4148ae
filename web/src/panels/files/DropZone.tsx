/** Files that are dropped or pasted anywhere on the page are opened, unless a field has taken them. */
import { FileInput } from "lucide-react";
import { useEffect, useState } from "react";
import { ACCEPTED, FILE_CHOOSER } from "../../files/chooser";
import { openFiles, openText } from "../../files/open";
import { reasonOf } from "../../files/save";
import { pasteable } from "../../graph/clipboard";
import { stage } from "../../store/stage";
import { notify } from "../../store/ui";
import { t } from "../../words";

export function DropZone() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const drag = (event: DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return setOver(false);
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      const files = event.dataTransfer?.files;
      if (event.defaultPrevented || !files || files.length === 0) return;
      event.preventDefault();
      void openFiles(files, stage().toCanvas([event.clientX, event.clientY]));
    };
    window.addEventListener("dragover", drag);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    window.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("dragover", drag);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
      window.removeEventListener("paste", paste);
    };
  }, []);
  return (
    <>
      <input
        id={FILE_CHOOSER}
        type="file"
        hidden
        multiple
        accept={ACCEPTED}
        onChange={({ target }) => {
          void openFiles([...(target.files ?? [])]);
          target.value = "";
        }}
      />
      {over && (
        <div className="drop-zone" role="status">
          <FileInput aria-hidden />
          <strong>{t("drop.title")}</strong>
          <span>{t("drop.told")}</span>
        </div>
      )}
    </>
  );
}

/** Nodes in the clipboard are pasted into the graph by the command for that; here come files and whole prompts. */
function paste(event: ClipboardEvent): void {
  const data = event.clipboardData;
  const isTyping = event.target instanceof Element && event.target.closest("input, textarea, [contenteditable]");
  if (event.defaultPrevented || isTyping || !data) return;
  const text = data.getData("text/plain");
  if (data.files.length > 0) {
    event.preventDefault();
    void openFiles(data.files);
  } else if (/^\s*\{/.test(text) && !pasteable(text)) {
    openText(text).catch((error: unknown) =>
      notify("bad", t("open.failed", { name: t("open.pasted"), reason: reasonOf(error) })),
    );
  }
}
