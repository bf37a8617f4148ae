/** The rail's queue: what runs, what waits, in an order that can be changed, and what has been. */
import { Pause, Play } from "lucide-react";
import { setPaused } from "../../api/jobs";
import { useQueue } from "../../store/queue";
import { t } from "../../words";
import { Panel } from "../parts/Panel";
import { BatchProgress } from "./BatchProgress";
import { asked } from "./doing";
import { History } from "./History";
import { JobRow } from "./JobRow";
import { WaitingList } from "./WaitingList";

export function Queue() {
  const running = useQueue((state) => state.running);
  const idle = useQueue((state) => state.running.length + state.waiting.length === 0);
  const paused = useQueue((state) => state.paused);
  const pause = (
    <button type="button" className="quiet-button" onClick={() => asked(setPaused(!paused))}>
      {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
      {t(paused ? "queue.resume" : "queue.pause")}
    </button>
  );
  return (
    <Panel title={t("queue.title")} className="panel-plain queue" actions={pause}>
      {paused && <p className="queue-paused">{t("queue.paused")}</p>}
      {idle && <p className="quiet">{t("queue.empty")}</p>}
      <BatchProgress />
      <ul className="queue-rows" aria-label={t("queue.running")}>
        {running.map((id) => (
          <JobRow key={id} id={id} />
        ))}
      </ul>
      <WaitingList />
      <History />
    </Panel>
  );
}
