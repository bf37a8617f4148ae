/** A field, and under it the rows that answer it: arrows choose, Enter takes. ARIA's combobox with a list. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";

interface Props<Row> {
  readonly label: string;
  readonly placeholder: string;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly show: (row: Row) => ReactNode;
  readonly disabled?: (row: Row) => boolean;
  /** The place of the chosen row among the rows. */
  readonly chosen: number;
  readonly onChosen: (index: number) => void;
  readonly onTake: (row: Row) => void;
  /** Said where there are no rows. */
  readonly none: string;
  readonly icon?: ReactNode;
}

const PAGE = 8;

export function Finder<Row>(props: Props<Row>) {
  const { rows, chosen, onChosen } = props;
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.children[chosen]?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const row = rows[chosen];
  return (
    <>
      <div className="finder-field">
        {props.icon}
        <input
          // biome-ignore lint/a11y/noAutofocus: it was opened to be typed into.
          autoFocus
          type="text"
          role="combobox"
          spellCheck={false}
          autoComplete="off"
          aria-label={props.label}
          aria-expanded={rows.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={row ? `${list}-${chosen}` : undefined}
          placeholder={props.placeholder}
          value={props.query}
          onChange={(event) => props.onQuery(event.target.value)}
          onKeyDown={(event) => hear(event, props)}
        />
      </div>
      <div ref={box} id={list} className="finder-rows" role="listbox" aria-label={props.label}>
        {rows.map((one, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field hears the keys.
          <div
            key={props.keyOf(one)}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === chosen}
            aria-disabled={props.disabled?.(one) || undefined}
            tabIndex={-1}
            onPointerMove={() => index !== chosen && onChosen(index)}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => props.onTake(one)}
          >
            {props.show(one)}
          </div>
        ))}
      </div>
      <p className="finder-none" role="status">
        {rows.length === 0 ? props.none : ""}
      </p>
    </>
  );
}

function hear<Row>(event: KeyboardEvent, { rows, chosen, onChosen, onTake }: Props<Row>): void {
  if (event.nativeEvent.isComposing) return;
  const row = rows[chosen];
  const next = nextIndex(event.key, chosen, rows.length);
  if (next !== undefined) onChosen(next);
  else if (event.key === "Enter" && row !== undefined) onTake(row);
  else return;
  event.preventDefault();
}

function nextIndex(key: string, index: number, count: number): number | undefined {
  if (key === "ArrowDown") return index + 1 < count ? index + 1 : 0;
  if (key === "ArrowUp") return index > 0 ? index - 1 : Math.max(0, count - 1);
  if (key === "PageDown") return Math.max(0, Math.min(count - 1, index + PAGE));
  return key === "PageUp" ? Math.max(0, index - PAGE) : undefined;
}
