/** How a socket looks: one shape per kind of thing, one colour per type (design/editor.md). */
import { typeName } from "../graph/document";
import type { Json } from "../graph/json";

export type Shape = "circle" | "square" | "diamond" | "triangle";

const SHAPES: Readonly<Record<string, Shape>> = {
  IMAGE: "circle",
  MASK: "circle",
  LATENT: "circle",
  MODEL: "square",
  CLIP: "square",
  VAE: "square",
  CONTROL_NET: "square",
  CLIP_VISION: "square",
  UPSCALE_MODEL: "square",
  CONDITIONING: "diamond",
  SAMPLER: "diamond",
  SIGMAS: "diamond",
  GUIDER: "diamond",
  NOISE: "diamond",
  INT: "triangle",
  FLOAT: "triangle",
  STRING: "triangle",
  BOOLEAN: "triangle",
  COMBO: "triangle",
};

const TINTED = new Set(["IMAGE", "MASK", "LATENT", "MODEL", "CLIP", "VAE", "CONDITIONING"]);

/** The types that share the hue of the family they belong to. */
const VALUES = new Set(["INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", "*"]);

/** The first of a union, which gives it its look. */
function firstOf(type: Json): string {
  return typeName(type).split(",")[0]?.trim() || "*";
}

export function shapeOf(type: Json): Shape {
  return SHAPES[firstOf(type)] ?? "circle";
}

/** A colour as CSS. A type that the design does not name has a hue of its own, always the same. */
export function colourOf(type: Json): string {
  const name = firstOf(type);
  if (TINTED.has(name)) return `var(--type-${name.toLowerCase()})`;
  if (VALUES.has(name)) return "var(--type-value)";
  return `oklch(var(--type-lightness) 0.11 ${hueOf(name)})`;
}

/** A hue from a name, spread over the circle (FNV-1a). */
export function hueOf(name: string): number {
  let hash = 2166136261;
  for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 0) % 360;
}
