/** Templates in the rail. */
import { Maximize2 } from "lucide-react";
import { useState } from "react";
import { perform } from "../../commands";
import { t } from "../../words";
import { FilterField } from "../parts/FilterField";
import { Panel } from "../parts/Panel";
import { TemplateCard } from "./TemplateCard";
import { useTemplates } from "./useTemplates";

export function TemplatesPanel() {
  const [query, setQuery] = useState("");
  const groups = useTemplates(query);
  const all = (
    <button
      type="button"
      className="icon-button"
      aria-label={t("templates.all")}
      title={t("templates.all")}
      onClick={() => void perform("view.templates")}
    >
      <Maximize2 aria-hidden />
    </button>
  );
  return (
    <Panel title={t("panel.templates")} actions={all}>
      <FilterField label={t("templates.filter")} value={query} onChange={setQuery} />
      <div className="panel-scroll">
        {groups.map(({ id, title, templates }) => (
          <details key={id} open={id === "shipped" || query.trim() !== ""} className="template-group">
            <summary>
              {title} <span className="quiet">{templates.length}</span>
            </summary>
            <div className="template-grid">
              {templates.map((template) => (
                <TemplateCard key={template.graph} template={template} />
              ))}
            </div>
          </details>
        ))}
        {groups.length === 0 && query && <p className="panel-empty">{t("templates.none")}</p>}
      </div>
    </Panel>
  );
}
