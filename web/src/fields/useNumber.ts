/** A number being typed, stepped or dragged: what all number fields share. */
import { isNumber } from "../graph/json";
import { evaluate, type Num } from "./arithmetic";
import { useDraft, useTyped } from "./drafts";
import type { FieldProps } from "./field";
import { kept, type NumberRule, ruleOf, shown, snapped, stepped } from "./numbers";

export interface NumberDraft {
  readonly rule: NumberRule;
  readonly value: Num;
  /** What the input shows: the expression while it is typed. */
  readonly text: string;
  /** What is typed is no number. */
  readonly isWrong: boolean;
  readonly type: (text: string) => void;
  /** Compute what is typed, and keep it. */
  readonly enter: () => void;
  readonly cancel: () => void;
  readonly step: (count: number) => void;
  /** Take a value of a drag; `finish` ends it. */
  readonly drag: (value: Num) => void;
  readonly finish: () => void;
}

export function useNumber({ place, row, value: held }: FieldProps): NumberDraft {
  const rule = ruleOf(row.input);
  const value = isNumber(held) ? held : 0;
  const draft = useDraft<Num>(place, row.name, value);
  const { set, hold, finish, shown: now } = draft;
  const keep = (text: string) => {
    const computed = evaluate(text);
    if (computed !== undefined) set(rule.whole && rule.step > 1 ? snapped(computed, rule) : kept(computed, rule));
    finish();
  };
  const { text: typed, type, enter, drop } = useTyped(keep);
  const step = (count: number) => {
    const from = typed === null ? now : (evaluate(typed) ?? now);
    drop();
    set(stepped(from, rule, count));
  };
  return {
    rule,
    value: now,
    text: typed ?? (isNumber(held) || now !== value ? shown(now, rule) : String(held ?? "")),
    isWrong: typed !== null && typed.trim() !== "" && evaluate(typed) === undefined,
    type,
    enter: typed === null ? finish : enter,
    cancel: drop,
    step,
    drag: (next) => {
      drop();
      hold(next);
    },
    finish,
  };
}
