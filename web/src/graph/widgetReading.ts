/**
 * Which value of a list belongs to which field.
 *
 * Documents list the values of a node by position, in the order that its class had when the document was saved. As long
 * as the class is still the same, position decides. Where it is not, recorded names decide; where there are none, values
 * are laid along the fields in order, by type, range and choices, and the best way counts if it is the only one.
 * Whatever else is left is a guess, and is told. The Python side is `engine/widget_values.py`.
 */
import { isList, type Json, type JsonObject, own } from "./json";
import { alike, fitOf, listed } from "./widgetFit";
import { bestLayouts, type Layout, SKIPPED, worthOf } from "./widgetLayout";
import type { Widget } from "./widgets";

const MAX_VALUES = 500;

/** Why a reading may be wrong. */
export type Doubt =
  /** There is another number of values than of fields, and they could stand in several places. */
  | { readonly kind: "several"; readonly values: number; readonly fields: number }
  /** There is another number of values than of fields; they were read in the order in which they stand. */
  | { readonly kind: "order"; readonly values: number; readonly fields: number }
  /** What stands in the place of these fields is of another type. */
  | { readonly kind: "types"; readonly names: readonly string[] };

/** The values of a node by the names of its fields. */
export interface Reading {
  /** Of every field that has one; also of those that a prompt does not carry. */
  readonly values: ReadonlyMap<string, Json>;
  readonly doubt: Doubt | undefined;
  /** The values cannot be right as they were read. */
  readonly wrong: boolean;
  /** Where each value of a list belongs; undefined where values are named. */
  readonly layout: Layout | undefined;
}

/** @param recorded the names of fields that the document itself tells, in order. */
export function read(
  values: readonly Json[] | JsonObject,
  widgets: readonly Widget[],
  recorded: readonly string[],
): Reading {
  if (isList(values)) return readList(values, widgets, recorded);
  const named =
    widgets.length === 0
      ? new Map(Object.entries(values))
      : filled(
          widgets,
          widgets.map((widget) => own(values, widget.name)),
        );
  return { values: named, doubt: undefined, wrong: false, layout: undefined };
}

function readList(values: readonly Json[], widgets: readonly Widget[], recorded: readonly string[]): Reading {
  const named = recordedLayout(recorded, widgets);
  if (named && isUsable(named, values, widgets)) return reading(named, values, widgets);
  const straight = values.map((_, index) => (index < widgets.length ? index : SKIPPED));
  if (values.length === widgets.length || Math.max(values.length, widgets.length) > MAX_VALUES) {
    return inOrder(straight, values, widgets);
  }
  return laid(straight, values, widgets);
}

/** The layout of values that stand in the order of recorded names, if that is not the order of the class. */
export function recordedLayout(recorded: readonly string[], widgets: readonly Widget[]): Layout | undefined {
  if (new Set(recorded).size !== recorded.length) return undefined;
  const places = new Map(widgets.map((widget, place) => [widget.name, place]));
  const layout = recorded.flatMap((name) => withCompanions(places.get(name) ?? SKIPPED, widgets));
  const isStraight = layout.length === widgets.length && layout.every((place, index) => place === index);
  return isStraight ? undefined : layout;
}

/** The place of a field and those of the fields behind it that no prompt carries. */
function withCompanions(place: number, widgets: readonly Widget[]): number[] {
  if (place === SKIPPED) return [SKIPPED];
  const next = widgets.findIndex((widget, index) => index > place && widget.sent);
  const end = next === -1 ? widgets.length : next;
  return Array.from({ length: end - place }, (_, index) => place + index);
}

function isUsable(layout: Layout, values: readonly Json[], widgets: readonly Widget[]): boolean {
  return layout.length === values.length && worthOf(layout, values, widgets) >= 0;
}

/** Read by position; a value that is wrong for its field is told. */
function inOrder(straight: Layout, values: readonly Json[], widgets: readonly Widget[]): Reading {
  const wrong = widgets.filter((widget, index) => straight[index] === index && !fitOf(values[index] ?? null, widget));
  if (wrong.length === 0) return reading(straight, values, widgets);
  return {
    ...reading(straight, values, widgets, { kind: "types", names: wrong.map(({ name }) => name) }),
    wrong: true,
  };
}

/** Read by what fits where. */
function laid(straight: Layout, values: readonly Json[], widgets: readonly Widget[]): Reading {
  const { worth, first, last } = bestLayouts(values, widgets);
  const one = reading(first, values, widgets);
  const isCertain = sameWhereSent(one.values, reading(last, values, widgets).values, widgets);
  if (isCertain) return one;
  const wrong = worthOf(straight, values, widgets) !== worth;
  const doubt = { kind: wrong ? "several" : "order", values: values.length, fields: widgets.length } as const;
  return { ...reading(straight, values, widgets, doubt), wrong };
}

function sameWhereSent(
  one: ReadonlyMap<string, Json>,
  other: ReadonlyMap<string, Json>,
  widgets: readonly Widget[],
): boolean {
  return widgets.every(({ sent, name }) => {
    const [left, right] = [one.get(name), other.get(name)];
    return !sent || (left === undefined || right === undefined ? left === right : alike(left, right));
  });
}

function reading(layout: Layout, values: readonly Json[], widgets: readonly Widget[], doubt?: Doubt): Reading {
  const came: (Json | undefined)[] = widgets.map(() => undefined);
  for (const [index, place] of layout.entries()) if (place !== SKIPPED) came[place] = values[index];
  return { values: filled(widgets, came), doubt, wrong: false, layout };
}

/** Every field with what came for it, or its default. */
function filled(widgets: readonly Widget[], came: readonly (Json | undefined)[]): Map<string, Json> {
  const found = new Map<string, Json>();
  for (const [place, widget] of widgets.entries()) {
    const given = came[place];
    const value = widget.fixed || given === undefined ? widget.default : given;
    if (value !== undefined) found.set(widget.name, listed(value, widget));
  }
  return found;
}
