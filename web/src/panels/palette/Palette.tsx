/** Every command by name. */
import { Command as CommandIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { allCommands, perform } from "../../commands";
import { type Command, canDo, familyOf, titleOf } from "../../commands/command";
import { titleScore } from "../../graph/wordMatch";
import { closeDialog } from "../../store/ui";
import { t } from "../../words";
import { Finder } from "../parts/Finder";
import { KeyCaps } from "../parts/KeyCaps";
import { Marked } from "../parts/Marked";
import { Popup } from "../parts/Popup";

interface Row {
  readonly command: Command;
  readonly able: boolean;
}

export function Palette() {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const words = useMemo(
    () =>
      query
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u)
        .filter(Boolean),
    [query],
  );
  const rows = useMemo(() => rowsFor(words), [words]);
  const ask = (text: string) => {
    setQuery(text);
    setChosen(0);
  };
  return (
    <Popup label={t("command.palette")} className="palette" onClose={closeDialog}>
      <Finder
        label={t("command.palette")}
        placeholder={t("palette.placeholder")}
        icon={<CommandIcon aria-hidden />}
        query={query}
        onQuery={ask}
        rows={rows}
        keyOf={({ command }) => command.id}
        disabled={({ able }) => !able}
        chosen={chosen}
        onChosen={setChosen}
        onTake={take}
        none={t("palette.none")}
        show={(row) => <PaletteRow {...row} words={words} />}
      />
    </Popup>
  );
}

function PaletteRow({ command, able, words }: Row & { readonly words: readonly string[] }) {
  return (
    <div className="palette-row">
      <span className="palette-title">
        <Marked title={titleOf(command)} words={words} />
      </span>
      <span className="quiet">{able || !command.why ? t(`family.${familyOf(command)}`) : t(command.why)}</span>
      <KeyCaps keys={command.keys?.slice(0, 1)} />
    </div>
  );
}

function take({ command, able }: Row): void {
  if (!able) return;
  closeDialog();
  void perform(command.id);
}

/** Commands whose family and title answer the words, the best first; what cannot be done now last. */
function rowsFor(words: readonly string[]): Row[] {
  const found = allCommands()
    .filter(({ id }) => id !== "view.palette")
    .flatMap((command) => {
      const title = titleOf(command);
      const score =
        titleScore(title, words) ?? weaker(titleScore(`${title} ${t(`family.${familyOf(command)}`)}`, words));
      return score === undefined ? [] : [{ command, able: canDo(command), score }];
    });
  return found.sort((left, right) => Number(right.able) - Number(left.able) || right.score - left.score);
}

function weaker(score: number | undefined): number | undefined {
  return score === undefined ? undefined : score / 2;
}
