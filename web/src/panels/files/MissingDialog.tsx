/** What a graph needs that is not here. It is all kept; nothing was fetched or run. */
import { X } from "lucide-react";
import type { Missing, MissingClass, MissingFile } from "../../files/needs";
import { closeDialog } from "../../store/ui";
import { t, type Word } from "../../words";
import { Popup } from "../parts/Popup";

interface Props {
  readonly name: string;
  readonly missing: Missing;
}

export function MissingDialog({ name, missing }: Props) {
  return (
    <Popup label={t("missing.title", { name })} className="missing" onClose={closeDialog}>
      <header className="floating-head">
        <h2>{t("missing.title", { name })}</h2>
        <button
          type="button"
          // biome-ignore lint/a11y/noAutofocus: what opens takes the focus.
          autoFocus
          className="icon-button"
          aria-label={t("dialog.close")}
          onClick={closeDialog}
        >
          <X aria-hidden />
        </button>
      </header>
      <div className="missing-body">
        <p className="quiet">{t("missing.told")}</p>
        <Section title="missing.nodes" count={missing.classes.length}>
          {missing.classes.map((one) => (
            <ClassRow key={one.name} {...one} />
          ))}
        </Section>
        <Section title="missing.models" count={missing.models.length}>
          {missing.models.map((one) => (
            <FileRow key={one.kind + one.name} {...one} />
          ))}
        </Section>
        <Section title="missing.inputs" count={missing.inputs.length}>
          {missing.inputs.map((one) => (
            <FileRow key={one.kind + one.name} {...one} />
          ))}
        </Section>
      </div>
    </Popup>
  );
}

interface SectionProps {
  readonly title: Word;
  readonly count: number;
  readonly children: React.ReactNode;
}

function Section({ title, count, children }: SectionProps) {
  if (count === 0) return null;
  return (
    <section>
      <h3>
        {t(title)} <span className="tag">{count}</span>
      </h3>
      <ul className="missing-rows">{children}</ul>
    </section>
  );
}

function ClassRow({ name, nodes, pack, nearest }: MissingClass) {
  return (
    <li>
      <strong>{name}</strong>
      <span className="quiet">
        {t(nodes.length === 1 ? "missing.node" : "missing.at", { nodes: nodes.join(", ") })}
      </span>
      {pack && <p>{t("missing.pack", { pack })}</p>}
      {nearest.length > 0 && <p>{t("missing.nearest", { names: nearest.join(", ") })}</p>}
    </li>
  );
}

function FileRow({ kind, name, usedBy, source, nearest }: MissingFile) {
  return (
    <li>
      <strong>{name}</strong>
      <span className="quiet">{t("missing.file", { kind, inputs: usedBy.join(", ") })}</span>
      {source && <p className="missing-source">{t("missing.source", { source })}</p>}
      {nearest.length > 0 && <p>{t("missing.nearest", { names: nearest.join(", ") })}</p>}
    </li>
  );
}
