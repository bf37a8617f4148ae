/** A COMBO of files that can be uploaded: choose one, drop one, paste one; a picture is shown, and a mask painted on it. */
import { Brush, Upload } from "lucide-react";
import { type DragEvent, useCallback, useRef, useState } from "react";
import { asText } from "../graph/json";
import { loadCatalogue } from "../store/catalogue";
import { notify, openDialog } from "../store/ui";
import { t } from "../words";
import { AfterRun } from "./AfterRun";
import { ChoiceButton } from "./ChoiceButton";
import type { FieldProps } from "./field";
import { Player } from "./Player";
import { nameOf, pictureOf, smallAddress } from "./pictures";
import { RemoteChoice } from "./RemoteChoice";
import { uploadOf } from "./rows";
import { filesFor, named, upload } from "./upload";
import { usePasted } from "./usePasted";
import { writeOnce } from "./writing";

/** Names with a folder, or a mark of one, are right without standing in the list. */
const ELSEWHERE = /\/|\[(input|output|temp)\]$/;

export function FileField(props: FieldProps) {
  const { place, row, value } = props;
  const accept = uploadOf(row.input) ?? "";
  const folder = asText(row.input.options.image_folder, "input");
  const { isOver, progress, take, dropping } = useUpload(props, accept, folder);
  const isPicture = accept === "image/*";
  const name = asText(value);
  const mayDiffer = (text: string) => ELSEWHERE.test(text);
  const choice = { ...props, folder: isPicture ? folder : undefined, mayDiffer };
  return (
    <fieldset className="file-field" data-over={isOver || undefined} aria-label={props.label} {...dropping}>
      {row.remote ? <RemoteChoice {...choice} remote={row.remote} /> : <ChoiceButton {...choice} />}
      <span className="file-buttons">
        <UploadButton accept={accept} onFiles={take} />
        {isPicture && name !== "" && <MaskButton place={place} name={name} folder={folder} field={row.name} />}
      </span>
      <span role="status" className="field-remark">
        {progress || (isOver && t("file.dropNow")) || (name === "" && t("file.drop"))}
      </span>
      {name !== "" && <Chosen key={name} name={name} folder={folder} accept={accept} />}
      {row.control && <AfterRun {...props} />}
    </fieldset>
  );
}

function useUpload({ place, row }: FieldProps, accept: string, folder: string) {
  const [progress, setProgress] = useState("");
  const [isOver, setOver] = useState(false);
  const take = useCallback(
    async (files: Iterable<File>) => {
      const [file] = filesFor(accept, files);
      const first = [...files][0];
      if (!file) return first ? notify("warn", t("file.wrongKind", { name: first.name })) : undefined;
      setProgress(t("file.uploading", { name: file.name }));
      try {
        const kept = await upload(named(file, new Date()), folder);
        await loadCatalogue();
        writeOnce(place, row.name, nameOf(kept, folder));
      } catch (error) {
        notify("bad", t("file.failed", { name: file.name, message: error instanceof Error ? error.message : "" }));
      }
      setProgress("");
    },
    [accept, folder, place, row.name],
  );
  usePasted(place, take);
  const dropping = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      event.stopPropagation();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      event.stopPropagation();
      void take(event.dataTransfer.files);
    },
  };
  return { isOver, progress, take, dropping };
}

function UploadButton({
  accept,
  onFiles,
}: {
  readonly accept: string;
  readonly onFiles: (files: Iterable<File>) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" className="field-button nodrag nopan" onClick={() => input.current?.click()}>
        <Upload aria-hidden />
        {t("file.upload")}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept || undefined}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </>
  );
}

function MaskButton({
  place,
  name,
  folder,
  field,
}: {
  readonly place: FieldProps["place"];
  readonly name: string;
  readonly folder: string;
  readonly field: string;
}) {
  const save = (saved: string) => writeOnce(place, field, saved);
  return (
    <button
      type="button"
      className="field-button nodrag nopan"
      onClick={() => openDialog("mask", { picture: pictureOf(name, folder), onSaved: save })}
    >
      <Brush aria-hidden />
      {t("file.mask")}
    </button>
  );
}

interface ChosenProps {
  readonly name: string;
  readonly folder: string;
  readonly accept: string;
}

/** What is chosen, to be seen or heard. */
function Chosen({ name, folder, accept }: ChosenProps) {
  const [isGone, setGone] = useState(false);
  const file = pictureOf(name, folder);
  const gone = () => setGone(true);
  if (isGone) return <span className="field-problem">{t("file.gone")}</span>;
  if (accept === "audio/*" || accept === "video/*") {
    return <Player file={file} kind={accept === "audio/*" ? "audio" : "video"} onGone={gone} />;
  }
  if (accept !== "image/*") return null;
  return (
    <img className="chosen-picture" src={smallAddress(file)} alt={t("file.chosen")} draggable={false} onError={gone} />
  );
}
