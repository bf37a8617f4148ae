/** Run: the one loud control. At work it shows how far it is, and becomes Cancel under the hand or the focus. */
import { ChevronDown, Play, Square } from "lucide-react";
import { useRef, useState } from "react";
import { perform } from "../../commands";
import { useRuns } from "../../store/run";
import { useRunOptions } from "../../store/runOptions";
import { t } from "../../words";
import { RunMenu } from "./RunMenu";
import { RunPopover } from "./RunPopover";
import { left } from "./times";

export function RunButton() {
  const phase = useRuns((state) => state.phase);
  const busy = phase === "running" || phase === "queued";
  const [menu, setMenu] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setMenu(false);
    opener.current?.focus();
  };
  return (
    <div className="run" data-phase={phase}>
      {busy ? <BusyButton /> : <IdleButton />}
      <button
        ref={opener}
        type="button"
        className="run-more"
        aria-label={t("run.more")}
        aria-haspopup="menu"
        aria-expanded={menu}
        onClick={() => setMenu(!menu)}
      >
        <ChevronDown aria-hidden />
      </button>
      {menu && <RunMenu close={close} />}
      {busy && !menu && <RunPopover />}
    </div>
  );
}

function IdleButton() {
  const count = useRunOptions((state) => state.count);
  const auto = useRunOptions((state) => state.auto);
  const word = auto === "off" ? "run.run" : auto === "change" ? "run.runOnChange" : "run.runInstantly";
  return (
    <button type="button" className="run-main" title={t("run.hint")} onClick={() => perform("run.run")}>
      <Play aria-hidden />
      {t(word)}
      {count > 1 && <span className="run-count">×{count}</span>}
    </button>
  );
}

function BusyButton() {
  const fraction = useRuns((state) => state.fraction);
  const percent = Math.round(fraction * 100);
  return (
    <button
      type="button"
      className="run-main run-busy"
      onClick={() => perform("run.cancel")}
      aria-label={t("run.cancel")}
    >
      <span className="run-fill" style={{ transform: `scaleX(${fraction})` }} />
      <span className="run-state" role="progressbar" aria-label={t("run.progress")} aria-valuenow={percent}>
        <ProgressWords percent={percent} />
      </span>
      <span className="run-cancel" aria-hidden>
        <Square aria-hidden />
        {t("run.cancel")}
      </span>
    </button>
  );
}

function ProgressWords({ percent }: { readonly percent: number }) {
  const queued = useRuns((state) => state.phase === "queued");
  const seconds = useRuns((state) => state.secondsLeft);
  if (queued) return t("run.queued");
  return seconds === null ? t("run.percent", { percent }) : t("run.percentLeft", { percent, left: left(seconds) });
}
