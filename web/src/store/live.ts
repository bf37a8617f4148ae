/**
 * Keeps what is shown true to the server: hears events, and after every break reads what was missed.
 *
 * A connection begins with how things stand. Then the logs of the jobs of this browser tab are read from the last event
 * that was taken in; what comes meanwhile waits, and is taken in after it. Nothing is lost and nothing counts twice.
 */
import { Refused } from "../api/client";
import { listen } from "../api/events";
import { type JobLog, jobLog } from "../api/jobs";
import { hearPreviews, type Preview } from "../api/socket";
import { asList, asObject, asText, type JsonObject } from "../graph/json";
import { takeOffMarks } from "./mended";
import { clientId, disown, markOver, type OwnJob, own, ownJobs, tabOf } from "./ownJobs";
import { dropJob, refreshSoon, takeJob, takeOverview, useQueue } from "./queue";
import { changeRun, followTabs, runOf, useRuns } from "./run";
import { hear } from "./runEvents";
import { autoRun, useRunOptions } from "./runOptions";
import { accepted, caughtUp, previewed, standing } from "./runStanding";
import { NO_RUN, type RunEvent } from "./runState";

const ENDS: ReadonlySet<string> = new Set(["done", "failed", "cancelled", "parked"]);

/** Begin; the function that comes back ends it. */
export function goLive(): () => void {
  const live = new Live();
  const ends = [
    followTabs(),
    takeOffMarks(),
    listen(
      {
        snapshot: (told, lastEvent) => live.reconnected(told, lastEvent),
        run: (event) => live.take(() => takeEvent(event)),
        job: (summary) => live.take(() => takeSummary(summary)),
        removed: (job) => live.take(() => takeRemoved(job)),
        queue: () => refreshSoon(),
        lost: () => useQueue.setState({ connection: "lost" }),
      },
      () => ownJobs().some((own) => !own.over),
    ),
    previewsIfWanted(),
    autoRun(),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Hear previews while they are wanted: a server with no listener draws none. */
function previewsIfWanted(): () => void {
  let end: (() => void) | undefined;
  const follow = ({ previews }: { readonly previews: boolean }) => {
    if (previews) end ??= hearPreviews(clientId(), takePreview);
    else {
      end?.();
      end = undefined;
    }
  };
  follow(useRunOptions.getState());
  const stop = useRunOptions.subscribe(follow);
  return () => {
    stop();
    end?.();
  };
}

/** Lets what is heard wait while what was missed is read. */
class Live {
  private waiting: (() => void)[] = [];
  private catchingUp = 0;

  take(action: () => void): void {
    if (this.catchingUp > 0) this.waiting.push(action);
    else action();
  }

  async reconnected(told: JsonObject, lastEvent: number): Promise<void> {
    this.catchingUp += 1;
    try {
      await Promise.all([takeOverview(told), catchUp(told, lastEvent)]);
    } catch {
      // The connection broke again while it was read: the next one begins anew.
    } finally {
      this.catchingUp -= 1;
      if (this.catchingUp === 0) for (const action of this.waiting.splice(0)) action();
    }
  }
}

function takeEvent(event: RunEvent): void {
  const tab = tabOf(event.job);
  if (tab !== undefined) changeRun(tab, (run) => hear(run, event));
}

function takeSummary(summary: JsonObject): void {
  takeJob(summary);
  const job = asText(summary.id);
  const tab = tabOf(job);
  if (tab === undefined) return;
  changeRun(tab, (run) => standing(run, summary));
  if (ENDS.has(asText(summary.state))) markOver(job);
}

function takeRemoved(job: string): void {
  dropJob(job);
  disown(job);
}

function takePreview({ picture, job, node }: Preview): void {
  const tab = job === undefined ? runningTab() : tabOf(job);
  if (tab === undefined || (job !== undefined && runOf(tab).jobId !== job)) return;
  const at = node ?? [...runOf(tab).nodes].find(([, found]) => found.phase === "running")?.[0];
  if (at !== undefined) changeRun(tab, (run) => previewed(run, at, URL.createObjectURL(picture)));
}

function runningTab(): string | undefined {
  return [...useRuns.getState().byTab].find(([, run]) => run.phase === "running")?.[0];
}

/** Show a job that the server began before its id was known here. */
export async function followJob(job: string, tab: string): Promise<void> {
  own(job, tab);
  changeRun(tab, (run) => accepted(run, job));
  await takeLogs(ownJobs().filter((one) => one.job === job));
}

/** Read what the jobs of this browser tab have told since they were last heard. */
async function catchUp(told: JsonObject, lastEvent: number): Promise<void> {
  forgetAnotherServer(lastEvent);
  await takeLogs(wanted(told));
}

/** Take in what jobs have told, in its order, and then how they stand. */
async function takeLogs(jobs: readonly OwnJob[]): Promise<void> {
  const logs = (await Promise.all(jobs.map(readLog))).filter((log) => log !== undefined);
  const events = logs.flatMap((log) => log.events).sort((one, other) => (one.id ?? 0) - (other.id ?? 0));
  for (const event of events) takeEvent(event);
  for (const { job, live } of logs) {
    const id = asText(job.id);
    const tab = tabOf(id);
    if (tab === undefined) continue;
    const waits = job.state === "queued" && runOf(tab).phase !== "running";
    changeRun(tab, (run) => (waits ? accepted(run, id) : caughtUp(standing(run, job), live)));
    if (ENDS.has(asText(job.state))) markOver(id);
  }
}

/** A server whose events stand before those that were seen is another one, or has lost its queue. */
function forgetAnotherServer(lastEvent: number): void {
  for (const [tab, run] of useRuns.getState().byTab) {
    if (run.lastEvent > lastEvent) changeRun(tab, () => ({ ...NO_RUN, outputs: run.outputs }));
  }
}

/** The jobs that may have told something new, and of each tab that shows nothing yet the last that has ended. */
function wanted(told: JsonObject): readonly OwnJob[] {
  const busy = new Set([...asList(told.waiting), ...asList(told.running).map((job) => asText(asObject(job).id))]);
  const last = new Map(ownJobs().map((own) => [own.tab, own.job]));
  return ownJobs().filter(
    ({ job, tab, over }) => !over || busy.has(job) || (last.get(tab) === job && runOf(tab).jobId === null),
  );
}

async function readLog({ job, tab }: OwnJob): Promise<JobLog | undefined> {
  try {
    return await jobLog(job, runOf(tab).lastEvent);
  } catch (error) {
    if (!(error instanceof Refused && error.status === 404)) throw error;
    disown(job);
    changeRun(tab, (run) => (run.jobId === job ? { ...NO_RUN, outputs: run.outputs } : run));
    return undefined;
  }
}
