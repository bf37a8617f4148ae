/**
 * The box that a number stands in: type or compute in it, drag it sideways, step it by arrow keys, or by the wheel
 * while it has the focus.
 */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { t } from "../words";
import type { FieldProps } from "./field";
import { stepped } from "./numbers";
import type { NumberDraft } from "./useNumber";

/** Pixels of a drag that are one step. */
const PIXELS = 4;
const FAR = 10;

interface Props {
  readonly field: FieldProps;
  readonly number: NumberDraft;
}

export function NumberInput({ field, number }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const drag = useDrag(number);
  useFocusedWheel(input, number.step);
  const { min, max } = number.rule;
  return (
    <input
      ref={input}
      id={field.id}
      className="number-input nodrag nopan"
      type="text"
      inputMode={number.rule.whole ? "numeric" : "decimal"}
      autoComplete="off"
      spellCheck={false}
      role="spinbutton"
      aria-valuenow={Number(number.value)}
      aria-valuetext={number.text}
      aria-valuemin={min === undefined ? undefined : Number(min)}
      aria-valuemax={max === undefined ? undefined : Number(max)}
      aria-invalid={field.isWrong || number.isWrong || undefined}
      aria-describedby={field.describedBy}
      title={number.isWrong ? t("field.notANumber") : undefined}
      value={number.text}
      onChange={(event) => number.type(event.target.value)}
      onBlur={number.enter}
      onKeyDown={(event) => onKey(event, number)}
      {...drag}
    />
  );
}

function onKey(event: KeyboardEvent<HTMLInputElement>, number: NumberDraft): void {
  const times = event.shiftKey ? FAR : 1;
  const steps: Readonly<Record<string, number>> = { ArrowUp: times, ArrowDown: -times, PageUp: FAR, PageDown: -FAR };
  const count = steps[event.key];
  if (count !== undefined && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    number.step(count);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    number.enter();
    event.currentTarget.select();
  } else if (event.key === "Escape") {
    number.cancel();
    event.currentTarget.blur();
  }
}

/** Dragging sideways changes the number; a press without a move puts the caret in. */
function useDrag(number: NumberDraft) {
  const start = useRef<{ x: number; moved: boolean; value: NumberDraft["value"] } | null>(null);
  return {
    onPointerDown: (event: PointerEvent<HTMLInputElement>) => {
      if (event.button !== 0 || document.activeElement === event.currentTarget) return;
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      start.current = { x: event.clientX, moved: false, value: number.value };
    },
    onPointerMove: (event: PointerEvent<HTMLInputElement>) => {
      const from = start.current;
      if (!from) return;
      const steps = Math.trunc((event.clientX - from.x) / PIXELS);
      from.moved ||= steps !== 0;
      if (from.moved) number.drag(stepped(from.value, number.rule, steps * (event.shiftKey ? FAR : 1)));
    },
    onPointerUp: (event: PointerEvent<HTMLInputElement>) => {
      const from = start.current;
      start.current = null;
      if (!from) return;
      if (from.moved) return number.finish();
      event.currentTarget.focus();
      event.currentTarget.select();
    },
    onPointerCancel: () => {
      start.current = null;
      number.finish();
    },
  };
}

/** Steps by the wheel while the box has the focus; else the wheel zooms the canvas. React's own listener is passive. */
function useFocusedWheel(input: React.RefObject<HTMLInputElement | null>, step: (count: number) => void): void {
  const stepping = useRef(step);
  stepping.current = step;
  useEffect(() => {
    const box = input.current;
    const onWheel = (event: WheelEvent) => {
      if (document.activeElement !== box || event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      event.stopPropagation();
      stepping.current(event.deltaY < 0 ? 1 : -1);
    };
    box?.addEventListener("wheel", onWheel, { passive: false });
    return () => box?.removeEventListener("wheel", onWheel);
  }, [input]);
}
