/** What else Run can do: how many times, by itself, first, only to the selection. */
import { useEffect, useRef } from "react";
import { commandOf, perform } from "../../commands";
import { canDo } from "../../commands/command";
import { type Auto, MOST_RUNS, setAuto, setCount, useRunOptions } from "../../store/runOptions";
import { t, type Word } from "../../words";
import { KeyCaps } from "../parts/KeyCaps";
import { Popup } from "../parts/Popup";

const AUTO: readonly (readonly [Auto, Word])[] = [
  ["off", "run.autoOff"],
  ["change", "run.autoChange"],
  ["instant", "run.autoInstant"],
];

const ACTIONS: readonly (readonly [command: string, word: Word])[] = [
  ["run.toHere", "run.toHere"],
  ["run.front", "run.front"],
  ["run.cancel", "run.cancelAll"],
];

export function RunMenu({ close }: { readonly close: () => void }) {
  const { count, auto, previews } = useRunOptions();
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.select(), []);
  const act = (command: string) => {
    close();
    void perform(command);
  };
  return (
    <Popup label={t("run.more")} className="run-menu" onClose={close}>
      <label className="run-menu-row">
        <span>{t("run.count")}</span>
        <input
          ref={first}
          type="number"
          min={1}
          max={MOST_RUNS}
          value={count}
          onChange={(event) => setCount(event.target.valueAsNumber)}
        />
      </label>
      <fieldset>
        <legend>{t("run.auto")}</legend>
        {AUTO.map(([value, word]) => (
          <label key={value} className="run-menu-row">
            <input type="radio" name="auto" checked={auto === value} onChange={() => setAuto(value)} />
            <span>{t(word)}</span>
          </label>
        ))}
      </fieldset>
      <label className="run-menu-row">
        <input type="checkbox" checked={previews} onChange={() => useRunOptions.setState({ previews: !previews })} />
        <span>{t("run.previews")}</span>
      </label>
      <hr />
      {ACTIONS.map(([command, word]) => (
        <Action key={command} command={command} word={word} act={act} />
      ))}
    </Popup>
  );
}

interface ActionProps {
  readonly command: string;
  readonly word: Word;
  readonly act: (command: string) => void;
}

function Action({ command, word, act }: ActionProps) {
  const found = commandOf(command);
  const why = found && !canDo(found) ? found.why : undefined;
  return (
    <button
      type="button"
      className="run-menu-row"
      aria-disabled={why !== undefined}
      title={why && t(why)}
      onClick={() => why === undefined && act(command)}
    >
      <span>{t(word)}</span>
      <KeyCaps keys={found?.keys?.slice(0, 1)} />
    </button>
  );
}
