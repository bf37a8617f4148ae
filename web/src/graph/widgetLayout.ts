/** Ways to lay a list of values along the fields of a class, in order, and which of them are the best. */
import type { Json } from "./json";
import { fitOf } from "./widgetFit";
import type { Widget } from "./widgets";

/** For each value the place of its field, or `SKIPPED`. */
export type Layout = readonly number[];

export const SKIPPED = -1;

/** What a layout is worth: the sum of its fits, or -1 if a value is wrong where it stands. */
export function worthOf(layout: Layout, values: readonly Json[], widgets: readonly Widget[]): number {
  const fits = layout.flatMap((place, index) => {
    const widget = widgets[place];
    return widget ? [fitOf(values[index] ?? null, widget)] : [];
  });
  return fits.every((worth) => worth > 0) ? fits.reduce<number>((sum, worth) => sum + worth, 0) : -1;
}

/**
 * What the best layout is worth, and two that are worth it: with every value as far left as it can, and as far right or
 * nowhere. Wherever there are several best layouts these two differ.
 */
export function bestLayouts(values: readonly Json[], widgets: readonly Widget[]) {
  const fits = values.map((value) => widgets.map((widget) => fitOf(value, widget)));
  const table = worths(fits, widgets.length);
  return { worth: at(table, 0, 0), first: walk(table, fits, true), last: walk(table, fits, false) };
}

type Table = readonly (readonly number[])[];

/** For every pair of tails of the two lists, what the best way to lay the one along the other is worth. */
function worths(fits: Table, columns: number): Table {
  const table = Array.from({ length: fits.length + 1 }, () => new Array<number>(columns + 1).fill(0));
  for (let i = fits.length - 1; i >= 0; i--) {
    const row = table[i] ?? [];
    for (let j = columns - 1; j >= 0; j--) {
      const worth = at(fits, i, j);
      const both = worth ? worth + at(table, i + 1, j + 1) : 0;
      row[j] = Math.max(both, at(table, i + 1, j), row[j + 1] ?? 0);
    }
  }
  return table;
}

/** Follow the best ways. */
function walk(table: Table, fits: Table, leftmost: boolean): Layout {
  let from = 0;
  return fits.map((row, i) => {
    const isGood = (worth: number, k: number) => worth > 0 && worth + at(table, i + 1, k + 1) === at(table, i, from);
    const mayBeSkipped = at(table, i + 1, from) === at(table, i, from);
    const place = leftmost
      ? row.findIndex((worth, k) => k >= from && isGood(worth, k))
      : mayBeSkipped
        ? SKIPPED
        : row.findLastIndex((worth, k) => k >= from && isGood(worth, k));
    if (place !== SKIPPED) from = place + 1;
    return place;
  });
}

function at(table: Table, row: number, column: number): number {
  return table[row]?.[column] ?? 0;
}
