/** What to paint with, and what else can be done to the mask. */
import { Brush as BrushIcon, Contrast, Eraser, type LucideIcon, Maximize, Redo2, Trash2, Undo2 } from "lucide-react";
import { closeDialog } from "../../store/ui";
import { t, type Word } from "../../words";
import type { Brush } from "./sheet";

export interface MaskTools {
  readonly brush: Brush;
  readonly setBrush: (brush: Brush) => void;
  /** Pixels of the page per pixel of the picture; 0 shows all of it. */
  readonly zoom: number;
  readonly setZoom: (zoom: number) => void;
  readonly clear: () => void;
  readonly invert: () => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly save: () => void;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly canSave: boolean;
}

export function MaskToolbar({ tools }: { readonly tools: MaskTools }) {
  const { brush, setBrush, zoom, setZoom } = tools;
  return (
    <div className="mask-tools">
      <h2>{t("mask.title")}</h2>
      <fieldset aria-label={t("mask.tool")} className="mask-group">
        <Tool
          word="mask.brush"
          icon={BrushIcon}
          isOn={!brush.erases}
          onPress={() => setBrush({ ...brush, erases: false })}
        />
        <Tool
          word="mask.eraser"
          icon={Eraser}
          isOn={brush.erases}
          onPress={() => setBrush({ ...brush, erases: true })}
        />
      </fieldset>
      <Range
        word="mask.size"
        value={brush.size}
        min={1}
        max={512}
        step={1}
        onChange={(size) => setBrush({ ...brush, size })}
      />
      <Range
        word="mask.hardness"
        value={brush.hardness}
        min={0}
        max={1}
        step={0.05}
        onChange={(hardness) => setBrush({ ...brush, hardness })}
      />
      <Range word="mask.zoom" value={zoom || 1} min={0.1} max={8} step={0.1} onChange={setZoom} />
      <span className="mask-group">
        <Tool word="mask.fit" icon={Maximize} onPress={() => setZoom(0)} />
        <Tool word="mask.undo" icon={Undo2} onPress={tools.undo} isDisabled={!tools.canUndo} />
        <Tool word="mask.redo" icon={Redo2} onPress={tools.redo} isDisabled={!tools.canRedo} />
        <Tool word="mask.invert" icon={Contrast} onPress={tools.invert} />
        <Tool word="mask.clear" icon={Trash2} onPress={tools.clear} />
      </span>
      <span className="mask-group mask-ends">
        <button type="button" onClick={closeDialog}>
          {t("mask.cancel")}
        </button>
        <button type="button" className="primary" disabled={!tools.canSave} onClick={tools.save}>
          {t("mask.save")}
        </button>
      </span>
    </div>
  );
}

interface ToolProps {
  readonly word: Word;
  readonly icon: LucideIcon;
  /** Of tools of which one is taken. */
  readonly isOn?: boolean;
  readonly isDisabled?: boolean;
  readonly onPress: () => void;
}

function Tool({ word, icon: Icon, isOn, isDisabled = false, onPress }: ToolProps) {
  return (
    <button type="button" aria-pressed={isOn} title={t(word)} disabled={isDisabled} onClick={onPress}>
      <Icon aria-label={t(word)} />
    </button>
  );
}

interface RangeProps {
  readonly word: Word;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly onChange: (value: number) => void;
}

function Range({ word, value, min, max, step, onChange }: RangeProps) {
  return (
    <label className="mask-range">
      {t(word)}
      <input
        type="range"
        value={value}
        min={min}
        max={max}
        step={step}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </label>
  );
}
