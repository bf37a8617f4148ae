/** A panel of the rail. */
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useUi } from "../../store/ui";
import { t } from "../../words";

interface Props {
  readonly title: string;
  /** For the styles of what it holds. */
  readonly className?: string;
  /** Buttons beside the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Panel({ title, className = "", actions, children }: Props) {
  return (
    <section className={`panel ${className}`} aria-label={title}>
      <header className="panel-head">
        <h2>{title}</h2>
        {actions}
        <button
          type="button"
          className="icon-button"
          aria-label={t("panel.close", { title })}
          onClick={() => useUi.setState({ panel: null })}
        >
          <X aria-hidden />
        </button>
      </header>
      {children}
    </section>
  );
}
