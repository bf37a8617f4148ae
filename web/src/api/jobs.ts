/** What is asked of `/jobs`. */
import { asList, asNumber, asObject, asText, isObject, type JsonObject } from "../graph/json";
import type { Picture, RunEvent } from "../store/runState";
import { ask, getJson, postJson } from "./client";
import { readRunEvent } from "./events";

export type JobPhase = "queued" | "running" | "done" | "failed" | "cancelled" | "parked";

export interface Job {
  readonly id: string;
  readonly state: JobPhase;
  readonly number: number;
  readonly priority: number;
  /** In seconds since 1970. */
  readonly created: number;
  readonly started: number | null;
  readonly finished: number | null;
  readonly cancelling: boolean;
  /** Why it failed, or was cancelled. */
  readonly reason: string;
  readonly batch: string | null;
  readonly retryOf: string | null;
}

export function readJob(told: JsonObject): Job {
  return {
    id: asText(told.id),
    state: asText(told.state) as JobPhase,
    number: asNumber(told.number),
    priority: asNumber(told.priority),
    created: asNumber(told.created),
    started: typeof told.started === "number" ? told.started : null,
    finished: typeof told.finished === "number" ? told.finished : null,
    cancelling: told.cancelling === true,
    reason: asText(told.reason),
    batch: asText(told.batch) || null,
    retryOf: asText(told.retry_of) || null,
  };
}

export interface JobLog {
  readonly job: JsonObject;
  /** How far it is, if it runs. */
  readonly live: unknown;
  readonly events: readonly RunEvent[];
}

/** All that a job has told after an event. */
export async function jobLog(id: string, since: number): Promise<JobLog> {
  const events: RunEvent[] = [];
  let from = since;
  for (;;) {
    const page = asObject(await getJson(`jobs/${encodeURIComponent(id)}/log?since=${from}`));
    for (const told of asList(page.events)) {
      events.push(readRunEvent(asObject(told), { job: id, id: asNumber(asObject(told).id) }));
    }
    from = asNumber(page.last_event_id);
    if (page.more !== true) return { job: asObject(page.job), live: page.live, events };
  }
}

export interface JobPage {
  readonly jobs: readonly Job[];
  /** What to ask for to get the next page. */
  readonly before: number | null;
  readonly total: number;
}

export async function jobPage(states: readonly JobPhase[], before: number | null, limit = 50): Promise<JobPage> {
  const from = before === null ? "" : `&before=${before}`;
  const page = asObject(await getJson(`jobs?kind=graph&limit=${limit}&state=${states.join(",")}${from}`));
  const jobs = asList(page.jobs).map((job) => readJob(asObject(job)));
  return { jobs, before: numberOrNull(page.before), total: asNumber(page.total) };
}

/** How the queue stands: `running`, `waiting`, `counts`, `paused`. */
export async function overview(): Promise<JsonObject> {
  return asObject(await getJson("jobs/overview"));
}

/** A job with its graph and what it has shown. */
export async function jobDetail(id: string): Promise<JsonObject> {
  return asObject(await getJson(`jobs/${encodeURIComponent(id)}`));
}

export interface MadePicture extends Picture {
  readonly job: string;
  readonly node: string;
  readonly time: number;
}

export async function picturePage(before: number | null): Promise<{
  readonly pictures: readonly MadePicture[];
  readonly before: number | null;
}> {
  const page = asObject(await getJson(`jobs/pictures?limit=24${before === null ? "" : `&before=${before}`}`));
  const pictures = asList(page.pictures).filter(isObject).map(readPicture);
  return { pictures, before: numberOrNull(page.before) };
}

function readPicture(told: JsonObject): MadePicture {
  const { job, node, filename, subfolder, type, time } = told;
  return {
    job: asText(job),
    node: asText(node),
    time: asNumber(time),
    filename: asText(filename),
    subfolder: asText(subfolder),
    type: asText(type),
  };
}

/** Cancel, retry, prioritise, move: what is done to one job. */
export async function act(id: string, action: string, body: JsonObject = {}): Promise<Job> {
  return readJob(asObject(await postJson(`jobs/${encodeURIComponent(id)}/${action}`, body)));
}

export async function removeJob(id: string): Promise<void> {
  await ask(`jobs/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export async function setPaused(paused: boolean): Promise<void> {
  await postJson(paused ? "jobs/pause" : "jobs/resume", {});
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
