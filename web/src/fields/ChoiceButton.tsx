/** The closed list of a combo: what is chosen, and what to do where that is missing. */
import { ChevronDown } from "lucide-react";
import { type KeyboardEvent, useCallback, useMemo, useRef, useState } from "react";
import { t } from "../words";
import { ChoiceList } from "./ChoiceList";
import { type Choice, choicesOf, holds, nearest, textOf } from "./choices";
import type { FieldProps } from "./field";
import { Popup } from "./Popup";
import { useRemoteList } from "./remote";
import { writeOnce } from "./writing";

export interface ChoiceProps extends FieldProps {
  /** The folder of pictures that the choices are names of. */
  readonly folder?: string | undefined;
  /** Whether a value that is not in the list can be right all the same. */
  readonly mayDiffer?: (value: string) => boolean;
}

export function ChoiceButton(props: ChoiceProps) {
  const { place, row, value, label, id, folder, mayDiffer } = props;
  const list = useRemoteList(row);
  const choices = useMemo(() => choicesOf(list.values), [list.values]);
  const button = useRef<HTMLButtonElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const text = textOf(value);
  const isMissing = text !== "" && list.isKnown && !holds(choices, value) && !mayDiffer?.(text);
  const close = useCallback(() => {
    setTyped(null);
    button.current?.focus({ preventScroll: true });
  }, []);
  const pick = (choice: Choice) => {
    writeOnce(place, row.name, choice.value);
    close();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        id={id}
        className="choice nodrag nopan"
        aria-haspopup="listbox"
        aria-expanded={typed !== null}
        aria-label={`${label}: ${text || t("choice.none")}`}
        aria-describedby={props.describedBy}
        aria-invalid={props.isWrong || isMissing || undefined}
        title={text}
        onClick={() => setTyped(typed === null ? "" : null)}
        onKeyDown={(event) => onClosedKey(event, { choices, value, pick, open: setTyped })}
      >
        <span className="choice-value">{text || t("choice.none")}</span>
        <ChevronDown aria-hidden />
      </button>
      {isMissing && <Missing text={text} choices={choices} onPick={pick} />}
      {typed !== null && (
        <Popup anchor={button} onClose={close}>
          <ChoiceList
            label={label}
            choices={choices}
            isChosen={(choice) => choice.value === value}
            onPick={pick}
            onClose={close}
            typed={typed}
            folder={folder}
          />
        </Popup>
      )}
    </>
  );
}

/** The value is not among the choices: say so, and offer the likeliest. */
function Missing({
  text,
  choices,
  onPick,
}: {
  readonly text: string;
  readonly choices: readonly Choice[];
  readonly onPick: (choice: Choice) => void;
}) {
  const likely = useMemo(() => nearest(choices, text), [choices, text]);
  return (
    <span className="field-problem" role="alert">
      {t("choice.missing", { value: text })}
      {likely && (
        <button type="button" className="field-remedy nodrag nopan" onClick={() => onPick(likely)}>
          {t("choice.useNearest", { name: likely.text })}
        </button>
      )}
    </span>
  );
}

interface Closed {
  readonly choices: readonly Choice[];
  readonly value: FieldProps["value"];
  readonly pick: (choice: Choice) => void;
  readonly open: (typed: string) => void;
}

/** Arrow keys take the neighbour, as a list of the system does; a letter opens the list and searches for it. */
function onClosedKey(event: KeyboardEvent, { choices, value, pick, open }: Closed): void {
  if (event.ctrlKey || event.metaKey) return;
  const step = event.altKey ? 0 : event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step !== 0) {
    const at = choices.findIndex((choice) => choice.value === value);
    const next = choices[Math.min(choices.length - 1, Math.max(0, at + step))];
    if (next) pick(next);
  } else if (event.key === "ArrowDown") open("");
  else if (event.key.length === 1 && event.key !== " " && !event.altKey) open(event.key);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
