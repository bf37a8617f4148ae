/** The server's queue: what waits, in order, what runs, and whether the page still hears of it. */
import { create } from "zustand";
import { type Job, jobPage, overview, readJob } from "../api/jobs";
import { asList, asNumber, asObject, asText, type JsonObject } from "../graph/json";

export type Connection = "opening" | "open" | "lost";

interface Queue {
  readonly connection: Connection;
  readonly waiting: readonly string[];
  readonly running: readonly string[];
  /** Those that wait and run, and those that have ended since the page was opened. */
  readonly jobs: ReadonlyMap<string, Job>;
  /** Of those that wait: in how many seconds they will be done, where the server can tell. */
  readonly estimates: ReadonlyMap<string, number>;
  /** How many jobs are in each state. */
  readonly counts: Readonly<Record<string, number>>;
  /** Why the queue takes no jobs, or an empty text. */
  readonly paused: string;
  /** Grows with every job that has ended or was removed: lists of the past are read again then. */
  readonly past: number;
}

export const useQueue = create<Queue>(() => ({
  connection: "opening",
  waiting: [],
  running: [],
  jobs: new Map(),
  estimates: new Map(),
  counts: {},
  paused: "",
  past: 0,
}));

const LISTED = 200;

/** Take in how things stand, and ask about the jobs that are not known yet. */
export async function takeOverview(standing: JsonObject): Promise<void> {
  const waiting = asList(standing.waiting).map(String);
  const running = asList(standing.running).map((job) => readJob(asObject(job)));
  const counts = Object.fromEntries(
    Object.entries(asObject(standing.counts)).map(([state, count]) => [state, asNumber(count)]),
  );
  put(running);
  useQueue.setState((state) => ({
    connection: "open",
    waiting: waiting.filter((id) => !hasEnded(state.jobs, id)),
    running: running.map((job) => job.id).filter((id) => !hasEnded(state.jobs, id)),
    estimates: estimatesOf(standing),
    counts,
    paused: asText(standing.paused),
    past: state.past + 1,
  }));
  const known = useQueue.getState().jobs;
  if (waiting.some((id) => !known.has(id))) put((await jobPage(["queued"], null, LISTED)).jobs);
}

function estimatesOf(standing: JsonObject): ReadonlyMap<string, number> {
  const told = Object.entries(asObject(standing.estimates));
  return new Map(told.map(([id, estimate]) => [id, asNumber(asObject(estimate).seconds_left)]));
}

/** Take in what has become of one job. */
export function takeJob(told: JsonObject): void {
  heard += 1;
  const job = readJob(told);
  put([job]);
  useQueue.setState((state) => ({
    waiting: job.state === "queued" ? withId(state.waiting, job.id) : without(state.waiting, job.id),
    running: job.state === "running" ? withId(state.running, job.id) : without(state.running, job.id),
    past: job.finished === null ? state.past : state.past + 1,
  }));
  if (job.state !== "running") refreshSoon();
}

export function dropJob(id: string): void {
  heard += 1;
  useQueue.setState((state) => {
    const jobs = new Map(state.jobs);
    jobs.delete(id);
    return {
      jobs,
      waiting: without(state.waiting, id),
      running: without(state.running, id),
      past: state.past + 1,
    };
  });
  refreshSoon();
}

const REFRESH = 120;
const TRIES = 3;
let timer: ReturnType<typeof setTimeout> | undefined;
/** How many changes were heard; an answer that was asked for before one of them may be out of date. */
let heard = 0;

/** How many moves the server has not answered yet; until then the page knows the order better than any answer. */
let moving = 0;

/** Show a job before another, or last, at once, and have the server move it. */
export async function reorder(id: string, before: string | null, move: () => Promise<unknown>): Promise<void> {
  useQueue.setState(({ waiting }) => ({ waiting: moved(waiting, id, before) }));
  moving += 1;
  try {
    await move();
  } finally {
    moving -= 1;
    heard += 1;
    refreshSoon();
  }
}

/** The order after a job was put before another, or last. */
export function moved(ids: readonly string[], id: string, before: string | null): readonly string[] {
  const others = without(ids, id);
  const at = before === null ? others.length : others.indexOf(before);
  return [...others.slice(0, at), id, ...others.slice(at)];
}

/** Ask for the order and the counts, once for many changes. A page that hears nothing asks when it hears again. */
export function refreshSoon(tries = TRIES): void {
  if (timer !== undefined) return;
  timer = setTimeout(async () => {
    timer = undefined;
    if (useQueue.getState().connection !== "open") return;
    const before = heard;
    const standing = await overview().catch(() => undefined);
    if (moving > 0) return; // it is asked again when the move is done
    if (standing && (heard === before || tries <= 1)) await takeOverview(standing).catch(() => undefined);
    else if (standing) refreshSoon(tries - 1);
  }, REFRESH);
}

function put(jobs: readonly Job[]): void {
  useQueue.setState((state) => {
    const all = new Map(state.jobs);
    for (const job of jobs) {
      // What has ended runs no more, whatever an older answer says.
      if (!hasEnded(all, job.id) || job.finished !== null) all.set(job.id, job);
    }
    return { jobs: all };
  });
}

function hasEnded(jobs: ReadonlyMap<string, Job>, id: string): boolean {
  return (jobs.get(id)?.finished ?? null) !== null;
}

function withId(ids: readonly string[], id: string): readonly string[] {
  return ids.includes(id) ? ids : [...ids, id];
}

function without(ids: readonly string[], id: string): readonly string[] {
  return ids.includes(id) ? ids.filter((other) => other !== id) : ids;
}
