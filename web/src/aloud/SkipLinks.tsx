/** The first stops of the Tab key: straight to what the page is for. */
import { openOutline } from "../outline/outline";
import { t } from "../words";

export function SkipLinks() {
  return (
    <nav className="skip-links unseen" aria-label={t("skip.label")}>
      <button type="button" onClick={() => focusOn("main")}>
        {t("skip.canvas")}
      </button>
      <button type="button" onClick={openOutline}>
        {t("skip.outline")}
      </button>
      <button type="button" onClick={() => focusOn(".run-main")}>
        {t("skip.run")}
      </button>
    </nav>
  );
}

function focusOn(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}
