/**
 * Which jobs this browser tab has asked for, and for which document. It survives a reload, but not the browser tab.
 *
 * A job colours the document that queued it and no other, whoever else runs the same graph.
 */
import { asList, asText, isObject, parseJson, writeJson } from "../graph/json";

const CLIENT = "ldm_nodes.client";
const JOBS = "ldm_nodes.jobs";
const MOST = 200;

export interface OwnJob {
  readonly job: string;
  readonly tab: string;
  /** Jobs of one press of Run have the same. */
  readonly series: string;
  /** It has been seen to end. */
  readonly over: boolean;
}

let jobs: readonly OwnJob[] | undefined;

/** An id that no other has; it also works where pages are not secure and `randomUUID` is missing. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The name under which the server knows this browser tab. */
export function clientId(): string {
  const known = sessionStorage.getItem(CLIENT);
  if (known) return known;
  const made = newId();
  sessionStorage.setItem(CLIENT, made);
  return made;
}

/** The jobs in the order in which they were queued. */
export function ownJobs(): readonly OwnJob[] {
  jobs ??= stored();
  return jobs;
}

export function tabOf(job: string): string | undefined {
  return ownJobs().find((own) => own.job === job)?.tab;
}

export function own(job: string, tab: string, series: string = job): void {
  keep([...ownJobs().filter((known) => known.job !== job), { job, tab, series, over: false }].slice(-MOST));
}

export function disown(job: string): void {
  keep(ownJobs().filter((own) => own.job !== job));
}

export function markOver(job: string): void {
  if (ownJobs().some((own) => own.job === job && !own.over)) {
    keep(ownJobs().map((own) => (own.job === job ? { ...own, over: true } : own)));
  }
}

/** Read again what is stored, as after a reload. */
export function forgetOwnJobs(): void {
  jobs = undefined;
}

function keep(next: readonly OwnJob[]): void {
  jobs = next;
  sessionStorage.setItem(JOBS, writeJson(next));
}

function stored(): readonly OwnJob[] {
  try {
    const found = asList(parseJson(sessionStorage.getItem(JOBS) ?? "[]")).filter(isObject);
    return found.map(({ job, tab, series, over }) => ({
      job: asText(job),
      tab: asText(tab),
      series: asText(series),
      over: over === true,
    }));
  } catch {
    return [];
  }
}
