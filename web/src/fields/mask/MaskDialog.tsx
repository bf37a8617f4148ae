/** Painting a mask on a picture of the server; the node that asked gets the picture with that mask. */
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Picture } from "../../store/run";
import { closeDialog, dialogDone, notify } from "../../store/ui";
import { t } from "../../words";
import { nameOf, pictureAddress } from "../pictures";
import { uploadMask } from "../upload";
import { MaskArea } from "./MaskArea";
import { MaskToolbar, type MaskTools } from "./MaskToolbar";
import { type Brush, MaskSheet } from "./sheet";
import "../../styles/mask.css";

interface Props {
  readonly picture: Picture;
  /** Takes the name of the picture with the mask, as a field holds it. */
  readonly onSaved: (name: string) => void;
}

const SIZES = { least: 1, most: 512, step: 1.15 };

export function MaskDialog({ picture, onSaved }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const { sheet, problem } = useSheet(picture);
  const [brush, setBrush] = useState<Brush>({ size: 64, hardness: 0.8, erases: false });
  const [zoom, setZoom] = useState(0);
  const [, setStrokes] = useState(0);
  const [isSaving, setSaving] = useState(false);
  const changed = () => setStrokes((count) => count + 1);
  useEffect(() => {
    if (box.current && !box.current.open) box.current.showModal();
  }, []);

  const save = async () => {
    if (!sheet) return;
    setSaving(true);
    try {
      const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 17);
      const saved = await uploadMask(await sheet.png(`mask-${stamp}.png`), picture);
      onSaved(nameOf(saved, "input"));
      dialogDone("mask");
    } catch (error) {
      notify("bad", t("mask.failed", { message: error instanceof Error ? error.message : "" }));
      setSaving(false);
    }
  };
  const act = (change: (sheet: MaskSheet) => void) => () => {
    if (sheet) change(sheet);
    changed();
  };
  const tools: MaskTools = {
    brush,
    setBrush,
    zoom,
    setZoom,
    clear: act((one) => one.clear()),
    invert: act((one) => one.invert()),
    undo: act((one) => one.undo()),
    redo: act((one) => one.redo()),
    save,
    canUndo: sheet?.canUndo ?? false,
    canRedo: sheet?.canRedo ?? false,
    canSave: sheet !== null && !isSaving,
  };
  return (
    <dialog
      ref={box}
      className="mask-dialog"
      aria-label={t("mask.title")}
      onCancel={(event) => {
        event.preventDefault();
        if (!sheet?.canUndo) closeDialog(); // a slip of the hand must not cost what was painted
      }}
      onKeyDown={(event) => onKey(event, tools)}
    >
      <MaskToolbar tools={tools} />
      <p className="mask-help">{t("mask.help")}</p>
      {problem && <p className="field-problem">{problem}</p>}
      {!sheet && !problem && <p role="status">{t("mask.loading")}</p>}
      {sheet && <MaskArea sheet={sheet} picture={picture} tools={tools} onStroke={changed} />}
    </dialog>
  );
}

/** The sheet of a picture, with the mask that the picture has already. */
function useSheet(picture: Picture): { readonly sheet: MaskSheet | null; readonly problem: string } {
  const [sheet, setSheet] = useState<MaskSheet | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let isHere = true;
    const alpha = new Image();
    alpha.src = pictureAddress(picture, { channel: "a" });
    alpha.decode().then(
      () => {
        if (!isHere) return;
        const size = { width: alpha.naturalWidth, height: alpha.naturalHeight };
        const made = new MaskSheet(Object.assign(document.createElement("canvas"), size));
        made.start(alpha);
        setSheet(made);
      },
      () => isHere && setProblem(t("file.gone")),
    );
    return () => {
      isHere = false;
    };
  }, [picture]);
  return { sheet, problem };
}

/** The keys that painting programs have. */
function onKey(event: KeyboardEvent, tools: MaskTools): void {
  const { brush, setBrush } = tools;
  const isCommand = event.ctrlKey || event.metaKey;
  const resized = (by: number) =>
    setBrush({ ...brush, size: Math.min(SIZES.most, Math.max(SIZES.least, Math.round(brush.size * by))) });
  const keys: Readonly<Record<string, () => void>> = isCommand
    ? { z: event.shiftKey ? tools.redo : tools.undo, y: tools.redo, Enter: tools.save }
    : {
        "[": () => resized(1 / SIZES.step),
        "]": () => resized(SIZES.step),
        e: () => setBrush({ ...brush, erases: true }),
        b: () => setBrush({ ...brush, erases: false }),
      };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (Object.hasOwn(keys, key)) {
    event.preventDefault();
    keys[key]?.();
  }
  event.stopPropagation();
}
