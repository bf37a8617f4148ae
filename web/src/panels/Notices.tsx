/** What the editor has to say, in the corner and for screen readers. Good news goes by itself; what is wrong stays. */
import { AlertTriangle, CheckCircle2, Info, type LucideIcon, OctagonAlert, X } from "lucide-react";
import { useEffect } from "react";
import { dismiss, type Notice, type NoticeKind, useUi } from "../store/ui";
import { t } from "../words";
import "../styles/notices.css";

const ICONS: Readonly<Record<NoticeKind, LucideIcon>> = {
  info: Info,
  good: CheckCircle2,
  warn: AlertTriangle,
  bad: OctagonAlert,
};
/** How long good news and remarks stay. */
const SECONDS = 6;

export function Notices() {
  const notices = useUi((state) => state.notices);
  return (
    <section className="notices" aria-live="polite" aria-label={t("notices.title")}>
      {notices.map((notice) => (
        <Line key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function Line({ notice: { id, kind, text, action } }: { readonly notice: Notice }) {
  const passes = (kind === "info" || kind === "good") && !action;
  useEffect(() => {
    if (!passes) return undefined;
    const timer = setTimeout(() => dismiss(id), SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [id, passes]);
  const Icon = ICONS[kind];
  return (
    <div className={`notice ${kind}`} role={kind === "bad" ? "alert" : undefined}>
      <Icon aria-hidden />
      <p>{text}</p>
      {action && (
        <button
          type="button"
          className="quiet-button"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" className="icon-button" aria-label={t("notices.dismiss")} onClick={() => dismiss(id)}>
        <X aria-hidden />
      </button>
    </div>
  );
}
