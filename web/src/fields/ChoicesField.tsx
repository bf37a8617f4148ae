/** A COMBO of which any number may be chosen. */
import { ChevronDown, X } from "lucide-react";
import { useCallback, useMemo, useRef, useState } from "react";
import { asObject, asText, isList, type Json } from "../graph/json";
import { t } from "../words";
import { ChoiceList } from "./ChoiceList";
import { type Choice, choicesOf, textOf } from "./choices";
import type { FieldProps } from "./field";
import { Popup } from "./Popup";
import { useRemoteList } from "./remote";
import { writeOnce } from "./writing";

export function ChoicesField({ place, row, value, label, id, describedBy, isWrong }: FieldProps) {
  const list = useRemoteList(row);
  const choices = useMemo(() => choicesOf(list.values), [list.values]);
  const chosen: readonly Json[] = isList(value) ? value : [];
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const close = useCallback(() => {
    setOpen(false);
    button.current?.focus({ preventScroll: true });
  }, []);
  const toggle = (picked: Json) => {
    const next = chosen.includes(picked) ? chosen.filter((one) => one !== picked) : [...chosen, picked];
    writeOnce(place, row.name, next);
  };
  const placeholder =
    asText(asObject(row.input.options.multi_select).placeholder) || asText(row.input.options.placeholder);
  const told = chosen.length > 0 ? t("choice.many", { count: chosen.length }) : placeholder || t("choice.none");
  return (
    <>
      <button
        ref={button}
        type="button"
        id={id}
        className="choice nodrag nopan"
        aria-haspopup="listbox"
        aria-expanded={isOpen}
        aria-label={`${label}: ${told}`}
        aria-describedby={describedBy}
        aria-invalid={isWrong || undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <span className="choice-value">{told}</span>
        <ChevronDown aria-hidden />
      </button>
      {chosen.length > 0 && (
        <span className="chips">
          {chosen.map((one) => (
            <button
              key={textOf(one)}
              type="button"
              className="chip nodrag nopan"
              aria-label={t("choice.remove", { name: textOf(one) })}
              onClick={() => toggle(one)}
            >
              {textOf(one)}
              <X aria-hidden />
            </button>
          ))}
        </span>
      )}
      {isOpen && (
        <Popup anchor={button} onClose={close}>
          <ChoiceList
            label={label}
            choices={choices}
            isChosen={(choice: Choice) => chosen.includes(choice.value)}
            onPick={(choice) => toggle(choice.value)}
            onClose={close}
            isMany
          />
        </Popup>
      )}
    </>
  );
}
