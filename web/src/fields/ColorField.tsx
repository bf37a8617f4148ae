/** COLOR: the browser's own picker, and the value as text. */
import { asText } from "../graph/json";
import { useDraft } from "./drafts";
import type { FieldProps } from "./field";

const HEX = /^#[0-9a-f]{6}$/i;

export function ColorField({ place, row, value, label, id, describedBy, isWrong }: FieldProps) {
  const draft = useDraft(place, row.name, asText(value));
  return (
    <span className="color-field">
      <input
        type="color"
        className="color-well nodrag nopan"
        aria-label={label}
        value={HEX.test(draft.shown) ? draft.shown : "#000000"}
        onChange={(event) => draft.set(event.target.value)}
        onBlur={draft.finish}
      />
      <input
        id={id}
        className="line-input nodrag nopan"
        spellCheck={false}
        aria-invalid={isWrong || undefined}
        aria-describedby={describedBy}
        value={draft.shown}
        onChange={(event) => draft.set(event.target.value)}
        onBlur={draft.finish}
      />
    </span>
  );
}
