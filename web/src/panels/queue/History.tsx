/** What has been, the newest first, page by page; all, or what is in one state. */
import { useCallback, useEffect, useState } from "react";
import { type Job, type JobPhase, jobPage } from "../../api/jobs";
import { useQueue } from "../../store/queue";
import { t, type Word } from "../../words";
import { asked } from "./doing";
import { JobRow } from "./JobRow";

const PAGE = 20;

const FILTERS: readonly (readonly [Word, readonly JobPhase[]])[] = [
  ["queue.all", ["done", "failed", "parked", "cancelled"]],
  ["queue.done", ["done"]],
  ["queue.failed", ["failed", "parked"]],
  ["queue.cancelled", ["cancelled"]],
];

export function History() {
  const [filter, setFilter] = useState(0);
  const { jobs, more, readOn } = usePast(FILTERS[filter]?.[1] ?? []);
  return (
    <section aria-labelledby="past-title" className="queue-past">
      <header className="section-head">
        <h3 id="past-title">{t("queue.past")}</h3>
        <select
          aria-label={t("queue.filter")}
          value={filter}
          onChange={(event) => setFilter(Number(event.target.value))}
        >
          {FILTERS.map(([word], at) => (
            <option key={word} value={at}>
              {t(word)}
            </option>
          ))}
        </select>
      </header>
      {jobs.length === 0 && <p className="quiet">{t("queue.noPast")}</p>}
      <ul className="queue-rows" aria-label={t("queue.past")}>
        {jobs.map((job) => (
          <JobRow key={job.id} id={job.id} job={job} />
        ))}
      </ul>
      {more && (
        <button type="button" className="quiet-button" onClick={readOn}>
          {t("queue.more")}
        </button>
      )}
    </section>
  );
}

interface Past {
  readonly jobs: readonly Job[];
  readonly more: boolean;
  readonly readOn: () => void;
}

/** The jobs of some states; the first page is read again whenever a job has ended. */
function usePast(states: readonly JobPhase[]): Past {
  const changes = useQueue((state) => state.past);
  const [jobs, setJobs] = useState<readonly Job[]>([]);
  const [before, setBefore] = useState<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `changes` says when to read again.
  useEffect(() => {
    let over = false;
    const read = jobPage(states, null, PAGE).then((page) => {
      if (over) return;
      setJobs(page.jobs);
      setBefore(page.before);
    });
    read.catch(() => undefined); // the status line says that the server is out of reach
    return () => {
      over = true;
    };
  }, [states, changes]);
  const readOn = useCallback(() => {
    const next = jobPage(states, before, PAGE).then((page) => {
      setJobs((known) => [...known, ...page.jobs]);
      setBefore(page.before);
    });
    void asked(next);
  }, [states, before]);
  return { jobs, more: before !== null, readOn };
}
