/** The parts of the page, between which F6 moves the focus: Tab belongs to the canvas. */

const REGIONS = ".app > header, .app > .rail, .app > .outline, .app > main, .app > .inspector, .app > footer";
const FOCUSABLE = "button:not(:disabled), input, select, textarea, a[href], [tabindex='0']";

/** Move the focus to the first control of the next part that has one. */
export function nextRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>(REGIONS)];
  const now = regions.findIndex((region) => region.contains(document.activeElement));
  const order = regions.map((_, offset) => regions.at((now + step * (offset + 1)) % regions.length));
  for (const region of now < 0 && step < 0 ? regions.toReversed() : order) {
    const first = region?.matches("main") ? region : region?.querySelector<HTMLElement>(FOCUSABLE);
    if (!first) continue;
    first.focus();
    return;
  }
}

/** Give the canvas the focus: keys such as Tab mean there what they mean for it. */
export function focusCanvas(): void {
  document.querySelector<HTMLElement>(".app > main")?.focus({ preventScroll: true });
}
