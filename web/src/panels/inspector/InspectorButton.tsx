/** Opens and closes the inspector. */
import { PanelRight } from "lucide-react";
import { perform } from "../../commands";
import { useUi } from "../../store/ui";
import { t } from "../../words";

export function InspectorButton() {
  const open = useUi((state) => state.inspector);
  return (
    <button
      type="button"
      className="icon-button"
      aria-pressed={open}
      aria-label={t("inspector.label")}
      title={t("inspector.label")}
      onClick={() => void perform("view.inspector")}
    >
      <PanelRight aria-hidden />
    </button>
  );
}
