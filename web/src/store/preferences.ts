/** How a user likes the editor, besides its theme and language; kept per browser, and by the server (`settings/`). */
import { create } from "zustand";
import { persist } from "zustand/middleware";

export const MOTIONS = ["system", "none", "full"] as const;
export const LINK_STYLES = ["curve", "straight", "angled"] as const;
export const PREVIEW_METHODS = ["default", "none", "latent2rgb", "taesd", "auto"] as const;
export const GRIDS = [8, 16, 32] as const;

interface Preferences {
  readonly motion: (typeof MOTIONS)[number];
  readonly links: (typeof LINK_STYLES)[number];
  /** How pictures of work in progress are drawn; `default` leaves it to the server. */
  readonly previewMethod: (typeof PREVIEW_METHODS)[number];
  /** The distance of the lines that nodes snap to. */
  readonly grid: (typeof GRIDS)[number];
  /** Ask before closing what was not saved; its versions are kept all the same. */
  readonly confirmClose: boolean;
}

export const usePreferences = create<Preferences>()(
  persist(
    (): Preferences => ({ motion: "system", links: "curve", previewMethod: "default", grid: 8, confirmClose: true }),
    { name: "ldm_nodes.preferences" },
  ),
);

/** How long a movement may take, in milliseconds: none where none is wanted. */
export function motionTime(): number {
  const { motion } = usePreferences.getState();
  const isReduced = motion === "system" && matchMedia("(prefers-reduced-motion: reduce)").matches;
  return motion === "none" || isReduced ? 0 : 150;
}
