/** What every kind of field is given. */
import type { ComponentType } from "react";
import type { Json } from "../graph/json";
import type { Row } from "./rows";
import type { Place } from "./writing";

export interface FieldProps {
  readonly place: Place;
  readonly row: Row;
  readonly value: Json | undefined;
  /** What becomes of the value after each run, of fields that have that. */
  readonly control: Json | undefined;
  readonly filter: Json | undefined;
  readonly label: string;
  /** The DOM id of the control; the label is for it. */
  readonly id: string;
  /** The DOM id of a sentence about it: a problem, a remark. */
  readonly describedBy: string | undefined;
  readonly isWrong: boolean;
}

export interface FieldRow {
  readonly Field: ComponentType<FieldProps>;
  /** The control is as wide as the card, under its label. */
  readonly isWide?: boolean;
}
