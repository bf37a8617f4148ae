/** What a number field may hold, how it steps and how it is written: the options of INT and FLOAT inputs. */
import type { InputDefinition } from "../graph/catalogue";
import { type Num, plain } from "./arithmetic";

export interface NumberRule {
  readonly whole: boolean;
  readonly min: Num | undefined;
  readonly max: Num | undefined;
  /** What one press of an arrow key changes. */
  readonly step: number;
  /** Values are multiples of it; 0 where they are kept as they are. */
  readonly round: number;
  /** Decimals that are shown at least. */
  readonly decimals: number;
}

/** The bounds of a slider or a knob whose input has none, as ComfyUI's editor has them. */
export const SCALE = { min: 0, max: 2048 } as const;

export function ruleOf({ type, options }: InputDefinition): NumberRule {
  const whole = type.toUpperCase() === "INT" || options.widgetType === "INT";
  const step = positive(options.step) ?? (whole ? 1 : 0.5);
  const min = numeric(options.min);
  const max = numeric(options.max);
  if (whole) return { whole, min, max, step: Math.max(1, Math.round(step)), round: 1, decimals: 0 };
  const decimals = Math.min(10, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const round = options.round === false ? 0 : (positive(options.round) ?? 10 ** -decimals);
  return { whole, min, max, step, round, decimals };
}

/** A value as it may be kept: rounded, within the bounds. */
export function kept(value: Num, rule: NumberRule): Num {
  return clamped(rounded(value, rule), rule);
}

/** The value that so many steps lead to. Whole numbers stay on the raster of their steps, counted from the least. */
export function stepped(value: Num, rule: NumberRule, steps: number): Num {
  if (!rule.whole) return kept(Number(value) + steps * rule.step, rule);
  const by = BigInt(Math.trunc(steps)) * BigInt(rule.step);
  return clamped(onRaster(BigInt(kept(value, rule)) + by, rule), rule);
}

/** A whole number moved to the nearest step below, as ComfyUI's editor keeps it. */
export function snapped(value: Num, rule: NumberRule): Num {
  return rule.whole ? clamped(onRaster(BigInt(rounded(value, rule)), rule), rule) : kept(value, rule);
}

/** How a value is shown: with the decimals that its step has, or with all that it has itself. */
export function shown(value: Num, rule: NumberRule): string {
  if (rule.whole || typeof value === "bigint") return String(value);
  const short = value.toFixed(rule.decimals);
  return Number(short) === value ? short : String(Number(value.toPrecision(12)));
}

/** Where a value lies between the bounds, from 0 to 1. */
export function share(value: Num, rule: NumberRule): number {
  const [min, max] = scaleOf(rule);
  return max > min ? Math.min(1, Math.max(0, (Number(value) - min) / (max - min))) : 0;
}

/** The value at a place between the bounds. */
export function atShare(part: number, rule: NumberRule): Num {
  const [min, max] = scaleOf(rule);
  const steps = Math.round(((max - min) * Math.min(1, Math.max(0, part))) / rule.step);
  return kept(min + steps * rule.step, rule);
}

function scaleOf(rule: NumberRule): [number, number] {
  return [Number(rule.min ?? SCALE.min), Number(rule.max ?? SCALE.max)];
}

function rounded(value: Num, rule: NumberRule): Num {
  if (typeof value === "bigint") return rule.whole ? plain(value) : Number(value);
  if (rule.whole) return Number.isSafeInteger(value) ? value : plain(BigInt(Math.round(value)));
  if (rule.round === 0) return value;
  return Number((Math.round(value / rule.round) * rule.round).toPrecision(12));
}

function clamped(value: Num, { min, max }: NumberRule): Num {
  if (min !== undefined && value < min) return min;
  return max !== undefined && value > max ? max : value;
}

/** The raster of steps starts at the least value modulo the step, so that 1, 9, 17 … stay reachable. */
function onRaster(value: bigint, rule: NumberRule): Num {
  const step = BigInt(rule.step);
  const offset = rule.min === undefined ? 0n : BigInt(Math.trunc(Number(rule.min))) % step;
  const from = value - offset;
  const rest = ((from % step) + step) % step;
  return plain(value - rest);
}

function numeric(value: unknown): Num | undefined {
  return typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value)) ? value : undefined;
}

function positive(value: unknown): number | undefined {
  const found = Number(numeric(value) ?? 0);
  return found > 0 ? found : undefined;
}
