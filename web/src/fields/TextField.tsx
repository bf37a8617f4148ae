/** STRING: one line, or as many as it takes. */
import { type KeyboardEvent, useLayoutEffect, useRef } from "react";
import { asText, type Json } from "../graph/json";
import { textOf } from "./choices";
import { useDraft } from "./drafts";
import type { FieldProps } from "./field";
import { type Marked, reweight, WEIGHT_STEP } from "./weights";

function textual(value: Json | undefined): string {
  return typeof value === "string" ? value : textOf(value);
}

export function LineField({ place, row, value, id, describedBy, isWrong }: FieldProps) {
  const draft = useDraft(place, row.name, textual(value));
  return (
    <input
      id={id}
      type="text"
      className="line-input nodrag nopan"
      autoComplete="off"
      spellCheck={false}
      placeholder={asText(row.input.options.placeholder)}
      aria-invalid={isWrong || undefined}
      aria-describedby={describedBy}
      value={draft.shown}
      onChange={(event) => draft.set(event.target.value)}
      onBlur={draft.finish}
      onKeyDown={(event) => event.key === "Enter" && draft.finish()}
    />
  );
}

/** A prompt: it grows with its text, and Ctrl with an arrow up or down weighs what is marked. */
export function ParagraphField({ place, row, value, id, describedBy, isWrong }: FieldProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  const marks = useRef<Marked | null>(null);
  const draft = useDraft(place, row.name, textual(value));

  useLayoutEffect(() => {
    if (marks.current && box.current) box.current.setSelectionRange(marks.current.start, marks.current.end);
    marks.current = null;
  });
  const weigh = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const change = weightChange(event);
    if (change === 0) return;
    event.preventDefault();
    const { selectionStart: start, selectionEnd: end } = event.currentTarget;
    const before = { text: draft.shown, start, end };
    const after = reweight(before, change);
    if (after === before) return;
    draft.finish();
    marks.current = after;
    draft.set(after.text);
    draft.finish();
  };
  return (
    <textarea
      ref={box}
      id={id}
      className="paragraph-input nodrag nopan"
      placeholder={asText(row.input.options.placeholder)}
      aria-invalid={isWrong || undefined}
      aria-describedby={describedBy}
      rows={3}
      value={draft.shown}
      onChange={(event) => draft.set(event.target.value)}
      onFocus={(event) => event.currentTarget.classList.add("nowheel")}
      onBlur={(event) => {
        event.currentTarget.classList.remove("nowheel");
        draft.finish();
      }}
      onKeyDown={weigh}
    />
  );
}

function weightChange(event: KeyboardEvent): number {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return 0;
  return event.key === "ArrowUp" ? WEIGHT_STEP : event.key === "ArrowDown" ? -WEIGHT_STEP : 0;
}
