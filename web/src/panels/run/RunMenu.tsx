/** What else Run can do: how many times, by itself, first, only to the selection. */
import { useEffect, useRef } from "react";
import { perform } from "../../commands";
import { type Auto, MOST_RUNS, setAuto, setCount, useRunOptions } from "../../store/runOptions";
import { t, type Word } from "../../words";

const AUTO: readonly (readonly [Auto, Word])[] = [
  ["off", "run.autoOff"],
  ["change", "run.autoChange"],
  ["instant", "run.autoInstant"],
];

const ACTIONS: readonly (readonly [command: string, word: Word, keys: string])[] = [
  ["run.toHere", "run.toHere", "Ctrl+Shift+Enter"],
  ["run.front", "run.front", ""],
  ["run.cancel", "run.cancelAll", "Ctrl+Alt+Enter"],
];

export function RunMenu({ close }: { readonly close: () => void }) {
  const { count, auto, previews } = useRunOptions();
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => menu.current?.querySelector("input")?.focus(), []);
  const act = (command: string) => {
    close();
    void perform(command);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it closes when Escape is pressed or the focus leaves it.
    <div
      className="run-menu"
      ref={menu}
      onKeyDown={(event) => event.key === "Escape" && close()}
      onBlur={(event) => !event.currentTarget.parentElement?.contains(event.relatedTarget) && event.relatedTarget && close()}
    >
      <label className="run-menu-row">
        {t("run.count")}
        <input type="number" min={1} max={MOST_RUNS} value={count} onChange={(event) => setCount(event.target.valueAsNumber)} />
      </label>
      <fieldset>
        <legend>{t("run.auto")}</legend>
        {AUTO.map(([value, word]) => (
          <label key={value} className="run-menu-row">
            <input type="radio" name="auto" checked={auto === value} onChange={() => setAuto(value)} />
            {t(word)}
          </label>
        ))}
      </fieldset>
      <label className="run-menu-row">
        <input type="checkbox" checked={previews} onChange={() => useRunOptions.setState({ previews: !previews })} />
        {t("run.previews")}
      </label>
      <hr />
      {ACTIONS.map(([command, word, keys]) => (
        <button key={command} type="button" className="run-menu-row" onClick={() => act(command)}>
          {t(word)}
          <kbd>{keys}</kbd>
        </button>
      ))}
    </div>
  );
}
