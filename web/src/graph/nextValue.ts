/**
 * What becomes of one value after a run: kept, one more, one less, a random one, the next of a list.
 *
 * The rules are those of ComfyUI's editor, so that a graph goes the same way in both: random numbers stay within 2^50,
 * lists can be narrowed by a part of a name or a `/pattern/`.
 */
import type { InputDefinition } from "./catalogue";
import { isNumber, type Json } from "./json";

/** A number from 0 to 1, without 1. */
export type Random = () => number;

const FARTHEST = 2 ** 50;

/** The value for the next run. */
export function nextValue(
  input: InputDefinition,
  value: Json | undefined,
  control: string,
  random: Random,
  filter = "",
): Json | undefined {
  if (input.type === "COMBO") return nextChoice(narrowed(input.choices ?? [], filter), value, control, random);
  return nextNumber(input, isNumber(value) ? value : 0, control, random);
}

/** A random number for an input: a multiple of its step within its bounds, and within 2^50. */
export function randomNumber({ options }: InputDefinition, random: Random): number | bigint {
  const step = Number(bound(options.step, 1));
  const least = Number(bound(options.min, 0));
  const low = Math.max(least, -FARTHEST);
  const high = Math.min(Number(bound(options.max, FARTHEST)), FARTHEST);
  return Math.floor((random() * (high - low)) / step) * step + low;
}

function nextNumber(input: InputDefinition, value: number | bigint, control: string, random: Random): Json | undefined {
  const step = BigInt(Math.max(1, Math.round(Number(bound(input.options.step, 1)))));
  if (control === "randomize") return randomNumber(input, random);
  if (control !== "increment" && control !== "decrement") return value;
  const whole = BigInt(typeof value === "number" ? Math.round(value) : value);
  return within(control === "increment" ? whole + step : whole - step, input);
}

function within(value: bigint, { options }: InputDefinition): number | bigint {
  const [min, max] = [options.min, options.max];
  if (isNumber(min) && value < min) return min;
  if (isNumber(max) && value > max) return max;
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

function bound(value: Json | undefined, otherwise: number): number | bigint {
  return isNumber(value) ? value : otherwise;
}

function nextChoice(
  choices: readonly Json[],
  value: Json | undefined,
  control: string,
  random: Random,
): Json | undefined {
  const last = choices.length - 1;
  const at = choices.indexOf(value ?? null);
  const places: Readonly<Record<string, number>> = {
    increment: Math.min(last, at + 1),
    decrement: Math.max(0, at - 1),
    "increment-wrap": at >= last ? 0 : at + 1,
    randomize: Math.floor(random() * choices.length),
  };
  const place = places[control];
  return place === undefined ? value : (choices[place] ?? value);
}

function narrowed(choices: readonly Json[], filter: string): readonly Json[] {
  const keeps = keeper(filter.trim());
  return choices.filter((choice) => keeps(String(choice)));
}

function keeper(filter: string): (text: string) => boolean {
  const pattern = /^\/(.+)\/([a-z]*)$/.exec(filter);
  if (!pattern) return (text) => text.toLowerCase().includes(filter.toLowerCase());
  try {
    const expression = new RegExp(pattern[1] ?? "", pattern[2]?.replace(/[gy]/g, ""));
    return (text) => expression.test(text);
  } catch {
    return () => true; // a pattern that is not finished yet keeps everything
  }
}
