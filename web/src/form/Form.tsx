/** The graph as a form: its picture on top, under it what can be set, in the order in which it runs. */
import { ChevronDown, ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { activeDocument, useTabs } from "../store/tabs";
import { t } from "../words";
import { FormResult } from "./FormResult";
import { FormSection } from "./FormSection";
import { sectionsOf } from "./sections";
import "../styles/form.css";

export function Form() {
  const document = useTabs(activeDocument);
  const { shown, hidden } = useMemo(() => sectionsOf(document), [document]);
  const [unfolded, setUnfolded] = useState(false);
  if (shown.length + hidden.length === 0) return null;
  const Chevron = unfolded ? ChevronDown : ChevronRight;
  return (
    <section className="form" aria-label={t("form.title")}>
      <FormResult />
      {shown.map((node) => (
        <FormSection key={String(node.id)} node={node} />
      ))}
      {hidden.length > 0 && (
        <button type="button" className="form-more" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
          <Chevron aria-hidden />
          {t("form.hidden", { count: hidden.length })}
        </button>
      )}
      {unfolded && hidden.map((node) => <FormSection key={String(node.id)} node={node} />)}
    </section>
  );
}
