/** The tint of a card: its own colours if it was given some, else the hue of its category. */
import type { CSSProperties } from "react";
import type { GraphNode } from "../graph/document";
import { hueOf } from "./socketLook";

type Tint = CSSProperties & Readonly<Record<`--${string}`, string>>;

export function tintOf(node: GraphNode, category: string | undefined): Tint {
  const family = category?.split("/")[0] ?? "";
  return {
    "--tint": node.color ?? (family ? `oklch(var(--type-lightness) 0.09 ${hueOf(family)})` : "var(--line)"),
    ...(node.color ? { "--title": `color-mix(in srgb, ${node.color} var(--title-mix), var(--card))` } : {}),
    ...(node.bgcolor ? { "--body-ground": `color-mix(in srgb, ${node.bgcolor} var(--body-mix), var(--card))` } : {}),
  };
}

/** Colours that a node or a frame may be given: the format keeps one for the title, one for the body. */
export const PALETTE = {
  red: { color: "#b8504f", bgcolor: "#5c2b2b" },
  orange: { color: "#c07a3e", bgcolor: "#5e3c20" },
  yellow: { color: "#b9a63a", bgcolor: "#5a511f" },
  green: { color: "#4f9d62", bgcolor: "#264f31" },
  teal: { color: "#3f9a98", bgcolor: "#1f4d4c" },
  blue: { color: "#4f7fd0", bgcolor: "#273f68" },
  purple: { color: "#8566c8", bgcolor: "#423363" },
  pink: { color: "#c05a9e", bgcolor: "#602d4f" },
} as const;

export type ColourName = keyof typeof PALETTE;
