/** Times and differences in words. */
import { type Difference, isSame } from "../../graph/compare";
import { t } from "../../words";

const SHOWN = 3;
const DAY = 86_400;

/** @param time seconds since 1970. */
export function timeInWords(time: number, now: number = Date.now() / 1000): string {
  const date = new Date(time * 1000);
  const clock = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return now - time < DAY ? clock : `${date.toLocaleDateString()} ${clock}`;
}

/** What is different there from now. */
export function differenceInWords(difference: Difference): string {
  if (isSame(difference)) return t("versions.same");
  const { added, removed, changed, wires } = difference;
  const parts = [
    added.length > 0 && t("versions.more", { names: listed(added) }),
    removed.length > 0 && t("versions.less", { names: listed(removed) }),
    changed.length > 0 && t("versions.other", { names: listed(changed) }),
    wires > 0 && t(wires === 1 ? "versions.wire" : "versions.wires", { count: wires }),
  ];
  return parts.filter(Boolean).join(" ");
}

function listed(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  const shown = names.slice(0, SHOWN).join(", ");
  return rest > 0 ? t("versions.andMore", { names: shown, count: rest }) : shown;
}

/** "just now", "20 s ago", "3 min ago". */
export function ago(seconds: number): string {
  if (seconds < 5) return t("ago.now");
  if (seconds < 60) return t("ago.seconds", { count: Math.round(seconds / 5) * 5 });
  if (seconds < 3600) return t("ago.minutes", { count: Math.round(seconds / 60) });
  return t("ago.hours", { count: Math.round(seconds / 3600) });
}
