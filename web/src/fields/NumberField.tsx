/** INT and FLOAT: a box with a step to either side, a slider, or a knob. */
import { Minus, Plus } from "lucide-react";
import type { KeyboardEvent, PointerEvent } from "react";
import { t } from "../words";
import type { FieldProps } from "./field";
import { NumberInput } from "./NumberInput";
import { atShare, share, stepped } from "./numbers";
import { type NumberDraft, useNumber } from "./useNumber";

export function NumberField(props: FieldProps) {
  const number = useNumber(props);
  return (
    <span className="number-field">
      <Step number={number} count={-1} />
      <NumberInput field={props} number={number} />
      <Step number={number} count={1} />
    </span>
  );
}

/** For the mouse alone: the keyboard has the arrow keys. */
function Step({ number, count }: { readonly number: NumberDraft; readonly count: 1 | -1 }) {
  const Icon = count === 1 ? Plus : Minus;
  return (
    <button
      type="button"
      className="number-step nodrag nopan"
      tabIndex={-1}
      aria-hidden
      title={t(count === 1 ? "field.more" : "field.less")}
      onPointerDown={(event) => event.preventDefault()}
      onClick={(event) => {
        number.step(event.shiftKey ? count * 10 : count);
        number.finish();
      }}
    >
      <Icon aria-hidden />
    </button>
  );
}

export function SliderField(props: FieldProps) {
  const number = useNumber(props);
  const part = share(number.value, number.rule);
  return (
    <span className="slider-field">
      <input
        type="range"
        className="slider nodrag nopan"
        aria-label={props.label}
        aria-valuetext={number.text}
        min={0}
        max={1}
        step="any"
        value={part}
        style={{ "--part": `${part * 100}%` } as React.CSSProperties}
        onChange={(event) => number.drag(atShare(Number(event.target.value), number.rule))}
        onKeyDown={(event) => stepByKey(event, number)}
        onPointerUp={number.finish}
        onBlur={number.finish}
      />
      <NumberInput field={props} number={number} />
    </span>
  );
}

/** Pixels from one end of a knob to the other. */
const TURN = 160;

export function KnobField(props: FieldProps) {
  const number = useNumber(props);
  const part = share(number.value, number.rule);
  const turn = (event: PointerEvent<HTMLSpanElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const by = (event.movementX - event.movementY) / TURN;
    number.drag(atShare(share(number.value, number.rule) + by, number.rule));
  };
  return (
    <span className="knob-field">
      <span
        className="knob nodrag nopan"
        role="slider"
        tabIndex={0}
        aria-label={props.label}
        aria-valuenow={Number(number.value)}
        aria-valuetext={number.text}
        aria-valuemin={Number(number.rule.min ?? 0)}
        aria-valuemax={Number(number.rule.max ?? 0)}
        style={{ "--turn": `${part * 270 - 135}deg` } as React.CSSProperties}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={turn}
        onPointerUp={number.finish}
        onKeyDown={(event) => stepByKey(event, number)}
        onBlur={number.finish}
      />
      <NumberInput field={props} number={number} />
    </span>
  );
}

function stepByKey(event: KeyboardEvent, number: NumberDraft): void {
  const steps: Readonly<Record<string, number>> = {
    ArrowUp: 1,
    ArrowRight: 1,
    ArrowDown: -1,
    ArrowLeft: -1,
    PageUp: 10,
    PageDown: -10,
  };
  const count = steps[event.key];
  const { min, max } = number.rule;
  const end = event.key === "Home" ? min : event.key === "End" ? max : undefined;
  if (count === undefined && end === undefined) return;
  event.preventDefault();
  number.drag(end ?? stepped(number.value, number.rule, count ?? 0));
}
