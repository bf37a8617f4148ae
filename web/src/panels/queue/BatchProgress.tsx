/** How far the runs are that were queued by one press of Run. */
import { type OwnJob, ownJobs } from "../../store/ownJobs";
import { useQueue } from "../../store/queue";
import { t } from "../../words";
import { Bar } from "../run/Bar";

export function BatchProgress() {
  const waiting = useQueue((state) => state.waiting);
  const running = useQueue((state) => state.running);
  const { done, all } = progressOf(ownJobs(), new Set([...waiting, ...running]));
  if (all < 2) return null;
  return (
    <div className="queue-batch">
      <span>{t("queue.batch", { done, all })}</span>
      <Bar share={done / all} label={t("queue.batch", { done, all })} />
    </div>
  );
}

/** Of the series at work: how many have ended. None where nothing of it is left. */
export function progressOf(jobs: readonly OwnJob[], busy: ReadonlySet<string>): { done: number; all: number } {
  const series = jobs.find((own) => busy.has(own.job))?.series;
  const all = jobs.filter((own) => own.series === series);
  return series === undefined
    ? { done: 0, all: 0 }
    : { done: all.filter((own) => !busy.has(own.job)).length, all: all.length };
}
