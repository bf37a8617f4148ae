/** The open list of a combo: a search box over the choices, of which only those in sight are drawn. */
import { Check } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useId, useMemo, useRef, useState } from "react";
import { t } from "../words";
import { type Choice, found } from "./choices";
import { Thumbnail } from "./Thumbnail";
import { useWindow } from "./useWindow";

/** Pixels of a row; `styles/fields.css` has the same numbers. */
const ROW = 28;
const PICTURE_ROW = 56;
const PAGE = 8;

interface Props {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly isChosen: (choice: Choice) => boolean;
  readonly onPick: (choice: Choice) => void;
  readonly onClose: () => void;
  /** What is in the search box at first. */
  readonly typed?: string;
  /** The folder of pictures that the choices are names of. */
  readonly folder?: string | undefined;
  /** Any number can be chosen; picking one leaves the list open. */
  readonly isMany?: boolean;
}

export function ChoiceList({ label, choices, isChosen, onPick, onClose, typed = "", folder, isMany = false }: Props) {
  const [text, setText] = useState(typed);
  const wanted = useDeferredValue(text);
  const shown = useMemo(() => found(choices, wanted), [choices, wanted]);
  const [at, setAt] = useState(() => Math.max(0, shown.findIndex(isChosen)));
  const longest = useMemo(
    () => choices.reduce((long, { text: one }) => (one.length > long.length ? one : long), ""),
    [choices],
  );
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const height = folder === undefined ? ROW : PICTURE_ROW;
  const { first, last } = useWindow(list, shown.length, height, at);
  const active = Math.min(at, shown.length - 1);

  const onKeyDown = (event: KeyboardEvent) => {
    const to = target(event, active, shown.length);
    if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (event.key === "Enter" && shown[active]) onPick(shown[active]);
    else if (to !== undefined) setAt(to);
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <input
        className="choice-search"
        // biome-ignore lint/a11y/noAutofocus: the list was opened to search in it; focus goes back when it closes.
        autoFocus
        role="combobox"
        aria-expanded
        aria-autocomplete="list"
        aria-controls={id}
        aria-activedescendant={shown.length > 0 ? `${id}-${active}` : undefined}
        aria-label={label}
        placeholder={t("choice.search", { count: choices.length })}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        ref={list}
        id={id}
        role="listbox"
        aria-label={label}
        aria-multiselectable={isMany || undefined}
        className="choice-list"
        tabIndex={-1}
      >
        <div style={{ height: shown.length * height }}>
          {shown.slice(first, last).map((choice, offset) => (
            <Option
              key={choice.text}
              id={`${id}-${first + offset}`}
              choice={choice}
              index={first + offset}
              count={shown.length}
              height={height}
              isActive={first + offset === active}
              isChosen={isChosen(choice)}
              folder={folder}
              onPick={onPick}
            />
          ))}
        </div>
      </div>
      <span className="choice-sizer" data-pictures={folder === undefined ? undefined : true} aria-hidden>
        {longest}
      </span>
      {shown.length === 0 && <p className="choice-nothing">{t("choice.nothing")}</p>}
    </>
  );
}

function target(event: KeyboardEvent, at: number, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };
  const step = steps[event.key];
  if (count === 0 || step === undefined) return undefined;
  if (Math.abs(step) === 1) return (at + step + count) % count;
  return Math.min(count - 1, Math.max(0, at + step));
}

interface OptionProps {
  readonly id: string;
  readonly choice: Choice;
  readonly index: number;
  readonly count: number;
  readonly height: number;
  readonly isActive: boolean;
  readonly isChosen: boolean;
  readonly folder: string | undefined;
  readonly onPick: (choice: Choice) => void;
}

function Option({ id, choice, index, count, height, isActive, isChosen, folder, onPick }: OptionProps) {
  const slash = Math.max(choice.text.lastIndexOf("/"), choice.text.lastIndexOf("\\")) + 1;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search box has the keys of the whole list.
    // biome-ignore lint/a11y/useFocusableInteractive: it is pointed at by aria-activedescendant.
    <div
      id={id}
      role="option"
      aria-selected={isChosen}
      aria-posinset={index + 1}
      aria-setsize={count}
      className={`choice-option${isActive ? " active" : ""}`}
      style={{ top: index * height, height }}
      title={choice.text}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => onPick(choice)}
    >
      {folder !== undefined && <Thumbnail name={choice.text} folder={folder} />}
      <span className="choice-text">
        <span className="choice-folder">{choice.text.slice(0, slash)}</span>
        {choice.text.slice(slash)}
      </span>
      {isChosen && <Check aria-hidden />}
    </div>
  );
}
