/** What becomes of a value after each run: one press each, with its name beside it. */
import { ArrowRightToLine, Lock, type LucideIcon, Minus, Plus, Shuffle } from "lucide-react";
import { canvasAt, nodeOf } from "../graph/document";
import { innerField } from "../graph/innerField";
import { asText, type Json } from "../graph/json";
import { promptId } from "../graph/scope";
import { spelled } from "../graph/seeds";
import { readValues } from "../graph/widgetValues";
import { useCatalogue } from "../store/catalogue";
import { activeDocument, useTabs } from "../store/tabs";
import { t, type Word } from "../words";
import { useDraft } from "./drafts";
import type { FieldProps } from "./field";
import { rowsOf } from "./rows";
import { type Place, writeOnce } from "./writing";

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

/** Of a field that says itself what becomes of it. */
export function AfterRun({ place, row, control, filter, label }: FieldProps) {
  if (!row.control) return null;
  const isList = row.input.type === "COMBO";
  return (
    <>
      <Controls place={place} name={row.control.name} control={control} label={label} isList={isList} />
      {row.filter && spelled(control) !== "fixed" && <Filter place={place} name={row.filter.name} filter={filter} />}
    </>
  );
}

/** Of a field of an instance, of which the subgraph says inside what becomes of it. */
export function InnerAfterRun({ place, row, label }: FieldProps) {
  const inner = useInnerControl(place, row.name);
  return inner && <Controls {...inner} label={label} isList={row.input.type === "COMBO"} />;
}

function useInnerControl(place: Place, name: string) {
  const document = useTabs(activeDocument);
  const catalogue = useCatalogue((state) => state.catalogue);
  const instance = nodeOf(canvasAt(document, place.scope), place.id);
  const inner = instance && innerField(document, place.scope, instance, name);
  const definition = inner && catalogue.get(inner.node.type);
  const control = definition && rowsOf(definition).find((row) => row.name === inner?.widget)?.control;
  if (!inner || !definition || !control) return undefined;
  const { node, scope } = inner;
  const id = String(node.id);
  const innerPlace = { tab: place.tab, promptId: promptId(scope, id), scope, id, definition };
  return { place: innerPlace, name: control.name, control: readValues(node, definition).get(control.name) };
}

interface ControlsProps {
  readonly place: Place;
  /** The field that tells what becomes of the value. */
  readonly name: string;
  readonly control: Json | undefined;
  readonly label: string;
  readonly isList: boolean;
}

function Controls({ place, name: field, control, label, isList }: ControlsProps) {
  const now = spelled(control);
  const word = CONTROLS.find(({ name }) => name === now)?.word ?? "seed.fixed";
  return (
    <span className="after-run" role="radiogroup" aria-label={`${t("seed.after")}: ${label}`}>
      <span className="after-run-word">{t("seed.then", { what: t(word) })}</span>
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
          onClick={() => writeOnce(place, field, name)}
        >
          <Icon aria-hidden />
        </button>
      ))}
    </span>
  );
}

interface FilterProps {
  readonly place: Place;
  readonly name: string;
  readonly filter: Json | undefined;
}

function Filter({ place, filter, name }: FilterProps) {
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
