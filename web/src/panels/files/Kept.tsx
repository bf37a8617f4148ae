/** In the status line: whether the last change is kept, and where. */
import { Check, CloudOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useSaving } from "../../store/saving";
import { t } from "../../words";
import { ago } from "./told";

const TICK = 5000;

export function Kept() {
  const { keeping, keptAt } = useSaving();
  if (keeping === "away") {
    return (
      <span className="kept kept-away" role="status">
        <CloudOff aria-hidden />
        {t("kept.away")}
      </span>
    );
  }
  if (keeping === "waiting") return <span className="kept">{t("kept.waiting")}</span>;
  if (keptAt === null) return null;
  return <KeptAt key={keptAt} time={keptAt} />;
}

function KeptAt({ time }: { readonly time: number }) {
  const [now, setNow] = useState(time);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="kept">
      <Check aria-hidden />
      {t("kept.at", { ago: ago((now - time) / 1000) })}
    </span>
  );
}
