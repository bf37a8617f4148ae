/** The theme that is seen: as chosen, or as the system has it. It stands on the page's root, where the tokens read it. */
import { type Theme, useUi } from "../store/ui";

export type Shade = Exclude<Theme, "system">;

const LIGHT = "(prefers-color-scheme: light)";
const CONTRAST = "(prefers-contrast: more)";

export function shadeOf(theme: Theme, asks: (query: string) => boolean): Shade {
  if (theme !== "system") return theme;
  if (asks(CONTRAST)) return "contrast";
  return asks(LIGHT) ? "light" : "dark";
}

/** Show the chosen theme from now on, and follow the system where it is to be followed. */
export function startTheme(): void {
  show();
  useUi.subscribe((now, before) => now.theme !== before.theme && show());
  for (const query of [LIGHT, CONTRAST]) matchMedia(query).addEventListener("change", show);
}

function show(): void {
  document.documentElement.dataset.theme = shadeOf(useUi.getState().theme, (query) => matchMedia(query).matches);
}
