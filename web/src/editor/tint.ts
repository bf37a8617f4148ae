/** The tint of a card: its own colours if it was given some, else the hue of its category. */
import type { CSSProperties } from "react";
import type { GraphNode } from "../graph/document";
import { hueOf } from "./socketLook";

type Tint = CSSProperties & Readonly<Record<`--${string}`, string>>;

export function tintOf(node: GraphNode, category: string | undefined): Tint {
  const family = category?.split("/")[0] ?? "";
  return {
    "--tint": node.color ?? (family ? `oklch(var(--type-lightness) 0.09 ${hueOf(family)})` : "var(--line)"),
    ...(node.color ? { "--title": node.color } : {}),
    ...(node.bgcolor ? { "--body-ground": node.bgcolor } : {}),
  };
}

/** Colours a node or a frame may be given, by name; what the format keeps is the two colours. */
export const PALETTE = {
  red: { color: "#6b2b2b", bgcolor: "#3d2424", frame: "#b8504f" },
  orange: { color: "#6b4a25", bgcolor: "#3c2f21", frame: "#c07a3e" },
  yellow: { color: "#5f5723", bgcolor: "#37331f", frame: "#b9a63a" },
  green: { color: "#2f5a37", bgcolor: "#223528", frame: "#4f9d62" },
  teal: { color: "#245a5a", bgcolor: "#1f3535", frame: "#3f9a98" },
  blue: { color: "#2b4574", bgcolor: "#22304a", frame: "#4f7fd0" },
  purple: { color: "#4d3a72", bgcolor: "#312a46", frame: "#8566c8" },
  pink: { color: "#6b2f57", bgcolor: "#3d2637", frame: "#c05a9e" },
} as const;

export type ColourName = keyof typeof PALETTE;
