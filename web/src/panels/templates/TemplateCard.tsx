/** A template: what it makes, what it is called, what it does. */
import { ImageOff } from "lucide-react";
import { address } from "../../api/client";
import type { Template } from "../../store/gallery";
import { t } from "../../words";
import { Inline } from "../inspector/Prose";
import { openTemplate } from "./opening";

export function TemplateCard({ template }: { readonly template: Template }) {
  const { title, description, picture, missing } = template;
  return (
    <button type="button" className="template-card" onClick={() => void openTemplate(template)}>
      <span className="template-picture">
        {picture ? <img src={address(picture)} alt="" loading="lazy" /> : <ImageOff aria-hidden />}
      </span>
      <span className="template-title">{title}</span>
      {description && (
        <span className="template-text quiet">
          <Inline text={capital(description)} />
        </span>
      )}
      {missing.length > 0 && (
        <span className="tag tag-warn" title={missing.join(", ")}>
          {t(missing.length === 1 ? "templates.missingOne" : "templates.missing", { count: missing.length })}
        </span>
      )}
    </button>
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
