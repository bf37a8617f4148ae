/** Which component draws which kind of field. Packs add their own kinds by `registerField`. */
import { create } from "zustand";
import { ChoiceField } from "./ChoiceField";
import { ChoicesField } from "./ChoicesField";
import { ColorField } from "./ColorField";
import { FileField } from "./FileField";
import type { FieldRow } from "./field";
import { JsonField } from "./JsonField";
import { KnobField, NumberField, SliderField } from "./NumberField";
import type { FieldKind, Row } from "./rows";
import { SeedField } from "./SeedField";
import { LineField, ParagraphField } from "./TextField";
import { ToggleField } from "./ToggleField";

const FIELDS: Readonly<Record<FieldKind, FieldRow>> = {
  number: { Field: NumberField },
  slider: { Field: SliderField },
  knob: { Field: KnobField },
  seed: { Field: SeedField },
  toggle: { Field: ToggleField },
  line: { Field: LineField },
  paragraph: { Field: ParagraphField, isWide: true },
  color: { Field: ColorField },
  choice: { Field: ChoiceField },
  choices: { Field: ChoicesField },
  file: { Field: FileField, isWide: true },
  json: { Field: JsonField },
};

/** Kinds that packs brought, by the type of the input. */
const useKinds = create<{ readonly kinds: ReadonlyMap<string, FieldRow> }>(() => ({ kinds: new Map() }));

/** Draw the fields of a type by another component. */
export function registerField(type: string, row: FieldRow): void {
  useKinds.setState(({ kinds }) => ({ kinds: new Map(kinds).set(type, row) }));
}

export function useFieldRow(row: Row): FieldRow {
  const own = useKinds((state) => state.kinds.get(row.input.type));
  return own ?? FIELDS[row.kind];
}
