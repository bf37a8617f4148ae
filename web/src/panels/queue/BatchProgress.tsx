/** How far the runs are that this page has queued in one go. */
import { ownJobs } from "../../store/ownJobs";
import { useQueue } from "../../store/queue";
import { t } from "../../words";

export function BatchProgress() {
  const busy = useQueue((state) => state.waiting.length + state.running.length);
  const jobs = useQueue((state) => state.jobs);
  if (busy < 2) return null;
  const { done, all } = series(ownJobs().map((own) => jobs.get(own.job)?.state ?? (own.over ? "done" : "queued")));
  if (all < 2) return null;
  return (
    <div className="queue-batch">
      <span>{t("queue.batch", { done, all })}</span>
      <progress max={all} value={done} aria-label={t("queue.batch", { done, all })} />
    </div>
  );
}

/** Of the jobs in their order: how many of the last unbroken series have ended. It begins after the last idle moment. */
export function series(states: readonly string[]): { readonly done: number; readonly all: number } {
  const first = states.findIndex((state) => state === "queued" || state === "running");
  if (first < 0) return { done: 0, all: 0 };
  const rest = states.slice(first);
  const done = rest.filter((state) => state !== "queued" && state !== "running").length;
  return { done, all: rest.length };
}
