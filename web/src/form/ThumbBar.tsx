/** At the lower edge of a narrow page: form or canvas, beside the Run button that stands there too. */
import { ClipboardList, Workflow } from "lucide-react";
import { t } from "../words";
import { toggleForm, useForm } from "./narrow";

export function ThumbBar() {
  const form = useForm();
  return (
    <div className="thumb-bar">
      <button type="button" className="thumb-switch" onClick={toggleForm}>
        {form ? <Workflow aria-hidden /> : <ClipboardList aria-hidden />}
        {t(form ? "form.toCanvas" : "form.toForm")}
      </button>
    </div>
  );
}
