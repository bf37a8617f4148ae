/** The gallery of templates. */
import { X } from "lucide-react";
import { useState } from "react";
import { closeDialog } from "../../store/ui";
import { t } from "../../words";
import { FilterField } from "../parts/FilterField";
import { Popup } from "../parts/Popup";
import { TemplateCard } from "./TemplateCard";
import { type TemplateGroup, useTemplates } from "./useTemplates";

export function TemplatesDialog() {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const groups = useTemplates(query);
  const shown = chosen === null ? groups : groups.filter(({ id }) => id === chosen);
  return (
    <Popup label={t("panel.templates")} className="template-gallery" onClose={closeDialog}>
      <header className="floating-head">
        <h2>{t("panel.templates")}</h2>
        <FilterField label={t("templates.filter")} value={query} onChange={setQuery} focused />
        <button type="button" className="icon-button" aria-label={t("popup.close")} onClick={closeDialog}>
          <X aria-hidden />
        </button>
      </header>
      <div className="gallery-body">
        <Groups groups={groups} chosen={chosen} onChoose={setChosen} />
        <div className="gallery-shown">
          {shown.map(({ id, title, templates }) => (
            <section key={id} aria-label={title}>
              <h3>{title}</h3>
              <div className="template-grid">
                {templates.map((template) => (
                  <TemplateCard key={template.graph} template={template} />
                ))}
              </div>
            </section>
          ))}
          {shown.length === 0 && <p className="panel-empty">{t("templates.none")}</p>}
        </div>
      </div>
    </Popup>
  );
}

interface GroupsProps {
  readonly groups: readonly TemplateGroup[];
  readonly chosen: string | null;
  readonly onChoose: (id: string | null) => void;
}

function Groups({ groups, chosen, onChoose }: GroupsProps) {
  if (groups.length < 2) return null;
  return (
    <nav className="gallery-groups" aria-label={t("templates.groups")}>
      <button type="button" aria-pressed={chosen === null} onClick={() => onChoose(null)}>
        {t("templates.everything")}
      </button>
      {groups.map(({ id, title, templates }) => (
        <button key={id} type="button" aria-pressed={chosen === id} onClick={() => onChoose(id)}>
          {title} <span className="quiet">{templates.length}</span>
        </button>
      ))}
    </nav>
  );
}
