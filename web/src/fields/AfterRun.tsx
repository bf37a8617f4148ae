/** What becomes of a value after each run: one press each, with its name beside it. */
import { ArrowRightToLine, Lock, type LucideIcon, Minus, Plus, Shuffle } from "lucide-react";
import { asText, type Json } from "../graph/json";
import { t, type Word } from "../words";
import { useDraft } from "./drafts";
import type { FieldProps } from "./field";
import { writeOnce } from "./writing";

const CONTROLS: readonly {
  readonly name: string;
  readonly word: Word;
  readonly icon: LucideIcon;
  readonly ofLists?: boolean;
}[] = [
  { name: "fixed", word: "seed.fixed", icon: Lock },
  { name: "increment", word: "seed.increment", icon: Plus },
  { name: "decrement", word: "seed.decrement", icon: Minus },
  { name: "increment-wrap", word: "seed.increment-wrap", icon: ArrowRightToLine, ofLists: true },
  { name: "randomize", word: "seed.randomize", icon: Shuffle },
];

export function AfterRun(props: FieldProps) {
  const { place, row, control, label } = props;
  if (!row.control) return null;
  const isList = row.input.type === "COMBO";
  const now = spelled(control);
  const word = CONTROLS.find(({ name }) => name === now)?.word ?? "seed.fixed";
  const pick = (name: string) => row.control && writeOnce(place, row.control.name, name);
  return (
    <>
      <span className="after-run" role="radiogroup" aria-label={`${t("seed.after")}: ${label}`}>
        <span className="after-run-word">{t(word)}</span>
        {CONTROLS.filter(({ ofLists }) => isList || !ofLists).map(({ name, word: each, icon: Icon }) => (
          // biome-ignore lint/a11y/useSemanticElements: a radio of its own would need a name that no other card has.
          <button
            key={name}
            type="button"
            role="radio"
            aria-checked={name === now}
            aria-label={t(each)}
            title={`${t("seed.after")}: ${t(each)}`}
            className="field-icon nodrag nopan"
            onClick={() => pick(name)}
          >
            <Icon aria-hidden />
          </button>
        ))}
      </span>
      {row.filter && now !== "fixed" && <Filter {...props} name={row.filter.name} />}
    </>
  );
}

function Filter({ place, filter, name }: FieldProps & { readonly name: string }) {
  const draft = useDraft(place, name, asText(filter));
  return (
    <input
      className="line-input nodrag nopan"
      aria-label={t("seed.filter")}
      placeholder={t("seed.filter")}
      value={draft.shown}
      onChange={(event) => draft.set(event.target.value)}
      onBlur={draft.finish}
    />
  );
}

function spelled(control: Json | undefined): string {
  if (typeof control === "boolean") return control ? "randomize" : "fixed";
  return asText(control, "fixed");
}
