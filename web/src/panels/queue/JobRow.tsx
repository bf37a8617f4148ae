/** One job: its state by icon and word, when, how long, and what can be done with it. */
import {
  Ban,
  Check,
  CircleAlert,
  Clock,
  LoaderCircle,
  type LucideIcon,
  RotateCcw,
  SquareArrowOutUpRight,
  Trash2,
  X,
} from "lucide-react";
import type { ReactNode } from "react";
import type { Job, JobPhase } from "../../api/jobs";
import { tabOf } from "../../store/ownJobs";
import { useQueue } from "../../store/queue";
import { useRuns } from "../../store/run";
import { useTabs } from "../../store/tabs";
import { t, type Word } from "../../words";
import { Bar } from "../run/Bar";
import { ago, duration, left } from "../run/times";
import { cancel, openJob, remove, retry } from "./doing";

const STATES: Readonly<Record<JobPhase, readonly [LucideIcon, Word]>> = {
  queued: [Clock, "queue.queued"],
  running: [LoaderCircle, "queue.isRunning"],
  done: [Check, "queue.done"],
  failed: [CircleAlert, "queue.failed"],
  parked: [CircleAlert, "queue.failed"],
  cancelled: [Ban, "queue.cancelled"],
};

interface Props {
  readonly id: string;
  /** The job where the queue's own list does not have it. */
  readonly job?: Job;
  /** What stands before the buttons. */
  readonly children?: ReactNode;
}

export function JobRow({ id, job: given, children }: Props) {
  const known = useQueue((state) => state.jobs.get(id));
  const job = known ?? given;
  if (!job) return null;
  const [Icon, word] = STATES[job.state];
  const over = job.finished !== null;
  return (
    <li className="queue-row" data-state={job.state}>
      <Icon aria-hidden className="queue-icon" />
      <div className="queue-words">
        <span>
          {t(job.cancelling && !over ? "queue.cancelling" : word)}
          <Source id={id} />
          {job.priority !== 0 && <span className="tag">{t("queue.priority", { priority: job.priority })}</span>}
        </span>
        <span className="quiet">{job.state === "running" ? <Progress job={job} /> : <Times job={job} />}</span>
        {job.reason && job.state === "failed" && <span className="queue-reason">{job.reason}</span>}
      </div>
      <div className="queue-actions">
        {children}
        <Action icon={SquareArrowOutUpRight} word="queue.open" act={() => openJob(id)} />
        {over && <Action icon={RotateCcw} word="queue.retry" act={() => retry(id)} />}
        {over ? (
          <Action icon={Trash2} word="queue.remove" act={() => remove(id)} />
        ) : (
          <Action icon={X} word="queue.cancel" act={() => cancel(id)} />
        )}
      </div>
    </li>
  );
}

/** The document that asked for it, or that none of this window did. */
function Source({ id }: { readonly id: string }) {
  const tab = tabOf(id);
  const name = useTabs((state) => state.tabs.find((one) => one.id === tab)?.name);
  if (tab === undefined) return <span className="tag">{t("queue.elsewhere")}</span>;
  return name === undefined ? null : <span className="queue-source">{name}</span>;
}

function Times({ job }: { readonly job: Job }) {
  const seconds = useQueue((state) => state.estimates.get(job.id));
  if (job.finished === null) {
    return seconds === undefined
      ? t("queue.since", { ago: ago(job.created) })
      : t("queue.doneIn", { left: left(seconds) });
  }
  const took = job.started === null ? "" : ` · ${duration(job.finished - job.started)}`;
  return `${ago(job.finished)}${took}`;
}

/** Of a job of an open document: how far it is. */
function Progress({ job }: { readonly job: Job }) {
  const fraction = useRuns((state) => [...state.byTab.values()].find((run) => run.jobId === job.id)?.fraction);
  if (fraction === undefined) return t("queue.since", { ago: ago(job.started ?? job.created) });
  return <Bar share={fraction} label={t("run.progress")} />;
}

export interface ActionProps {
  readonly icon: LucideIcon;
  readonly word: Word;
  readonly act: () => unknown;
  readonly disabled?: boolean;
}

export function Action({ icon: Icon, word, act, disabled = false }: ActionProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={t(word)}
      title={t(word)}
      disabled={disabled}
      onClick={act}
    >
      <Icon aria-hidden />
    </button>
  );
}
