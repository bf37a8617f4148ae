/** How well a value goes with a field; `engine/widget_values.py` judges the same. */
import { equal } from "./equal";
import { isNumber, type Json } from "./json";
import { CONTROLS, type Widget, type WidgetKind } from "./widgets";

export const WRONG = 0;
export const POSSIBLE = 1;
export const LIKELY = 2;
export const RIGHT = 3;
export type Fit = typeof WRONG | typeof POSSIBLE | typeof LIKELY | typeof RIGHT;

const FITS: Readonly<Record<WidgetKind, (value: Json, widget: Widget) => Fit>> = {
  CONTROL: (value) => (typeof value === "boolean" || isControl(value) ? RIGHT : WRONG),
  COMBO: fitChoice,
  STRING: (value) => (typeof value !== "string" ? WRONG : isControl(value) ? POSSIBLE : RIGHT),
  BOOLEAN: (value) => (typeof value === "boolean" ? RIGHT : value === 0 || value === 1 ? POSSIBLE : WRONG),
  INT: fitNumber,
  FLOAT: fitNumber,
  ANY: (value, widget) => (widget.default !== undefined && alike(value, widget.default) ? RIGHT : POSSIBLE),
};

export function fitOf(value: Json, widget: Widget): Fit {
  return value === null && widget.kind !== "ANY" ? POSSIBLE : FITS[widget.kind](value, widget);
}

/**
 * The value as it is written today. A path may be written with `/` or with `\` where the list of choices has it in the
 * other way; old documents put `sample_` before the names of samplers, and said by a truth value what becomes of a seed.
 */
export function listed(value: Json, widget: Widget): Json {
  if (widget.kind === "CONTROL" && typeof value === "boolean") return value ? "randomize" : "fixed";
  if (widget.kind !== "COMBO" || typeof value !== "string" || widget.choices.includes(value)) return value;
  const short = value.replace(/^sample_/, "");
  if (widget.choices.includes(short)) return short;
  const wanted = value.replaceAll("\\", "/");
  return widget.choices.find((name) => typeof name === "string" && name.replaceAll("\\", "/") === wanted) ?? value;
}

function fitChoice(value: Json, widget: Widget): Fit {
  if (typeof value === "object") return WRONG;
  const wanted = listed(value, widget);
  if (widget.choices.some((choice) => alike(choice, wanted))) return RIGHT;
  if (widget.choices.length === 0) return typeof value === "string" ? RIGHT : POSSIBLE;
  const ending = endingOf(value);
  if (ending && widget.choices.some((choice) => endingOf(choice) === ending)) return LIKELY; // a file that is not here
  return widget.choices.some((choice) => kindOf(choice) === kindOf(value)) ? POSSIBLE : WRONG;
}

function fitNumber(value: Json, { kind, low, high }: Widget): Fit {
  if (!isNumber(value)) return WRONG;
  if (kind === "INT" && typeof value === "number" && !Number.isInteger(value)) return POSSIBLE;
  return (low === undefined || value >= low) && (high === undefined || value <= high) ? RIGHT : POSSIBLE;
}

/** The ending of a file's name in small letters, or nothing. */
function endingOf(value: Json): string {
  if (typeof value !== "string") return "";
  const name = value.split("/").findLast((part) => part && part !== ".") ?? "";
  const dot = name.lastIndexOf(".");
  return dot > 0 && dot < name.length - 1 ? name.slice(dot).toLowerCase() : "";
}

/** Are two values the same? Numbers and truth values are when they count the same. */
export function alike(left: Json, right: Json): boolean {
  return countable(left) && countable(right) ? left <= right && left >= right : equal(left, right);
}

function countable(value: Json): value is number | bigint | boolean {
  return isNumber(value) || typeof value === "boolean";
}

function kindOf(value: Json): string {
  return isNumber(value) ? "number" : typeof value;
}

function isControl(value: Json): boolean {
  return (CONTROLS as readonly Json[]).includes(value);
}
