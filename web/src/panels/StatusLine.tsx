/** At the bottom: whether it is saved, how large it is, how the last run went, and whether the server is there. */
import { Leaf, Unplug } from "lucide-react";
import { useEffect, useState } from "react";
import { useQueue } from "../store/queue";
import { useRuns } from "../store/run";
import { activeCanvas, useTabs } from "../store/tabs";
import { useUi } from "../store/ui";
import { t } from "../words";
import { Kept } from "./files/Kept";
import { duration, left } from "./run/times";

export function StatusLine() {
  const nodes = useTabs((state) => activeCanvas(state).nodes.size);
  return (
    <footer className="statusline">
      <Connection />
      <Kept />
      <span>{t(nodes === 1 ? "status.node" : "status.nodes", { count: nodes })}</span>
      <LastRun />
      <ProblemCount />
    </footer>
  );
}

function Connection() {
  const lost = useQueue((state) => state.connection === "lost");
  const paused = useQueue((state) => state.paused);
  return (
    <span className="status-connection" role="status">
      {lost && (
        <strong className="status-lost">
          <Unplug aria-hidden />
          {t("status.lost")}
        </strong>
      )}
      {!lost && paused && t("status.paused")}
    </span>
  );
}

function LastRun() {
  const phase = useRuns((state) => state.phase);
  const reused = useRuns((state) => [...state.nodes.values()].filter((node) => node.phase === "reused").length);
  const seconds = useRuns((state) => (state.started && state.finished ? state.finished - state.started : null));
  if (phase === "idle") return null;
  return (
    <>
      {phase === "failed" && <span className="status-bad">{t("status.failed")}</span>}
      {phase === "cancelled" && <span>{t("status.cancelled")}</span>}
      {reused > 0 && (
        <span className="status-reused">
          <Leaf aria-hidden />
          {t("status.reused", { count: reused })}
        </span>
      )}
      {phase === "running" ? <Elapsed /> : seconds !== null && <span>{duration(seconds)}</span>}
    </>
  );
}

function Elapsed() {
  const started = useRuns((state) => state.started);
  const seconds = useRuns((state) => state.secondsLeft);
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span>
      {t("status.elapsed", { time: left(Math.max(1, Math.floor(now - (started ?? now)))) })}
      {seconds !== null && ` · ${t("run.left", { left: left(seconds) })}`}
    </span>
  );
}

function ProblemCount() {
  const count = useRuns((state) =>
    [...state.problems.values()].reduce((sum, list) => sum + list.length, state.general.length),
  );
  if (count === 0) return null;
  return (
    <button type="button" className="status-problems" onClick={() => useUi.setState({ panel: "problems" })}>
      {t(count === 1 ? "problems.one" : "problems.count", { count })}
    </button>
  );
}
