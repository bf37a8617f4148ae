/**
 * `/jobs/events`: what happens in the queue, as the server tells it.
 *
 * Every connection begins with a snapshot of how things stand. One that breaks is opened again, soon at first and then
 * less often; what was missed is read from the logs of the jobs (`store/live.ts`), from the last event that was seen.
 */
import { asNumber, asObject, asText, type JsonObject, parseJson } from "../graph/json";
import type { RunEvent } from "../store/runState";
import { address } from "./client";
import { pauses } from "./pauses";

/** Events of one job. */
const OF_JOBS = [
  "started",
  "cached",
  "executing",
  "progress",
  "notice",
  "expanded",
  "blocked",
  "executed",
  "estimate",
  "explained",
  "succeeded",
  "failed",
  "interrupted",
] as const;

export interface Listener {
  readonly snapshot: (standing: JsonObject, lastEvent: number) => void;
  readonly run: (event: RunEvent) => void;
  readonly job: (summary: JsonObject) => void;
  readonly removed: (job: string) => void;
  /** Jobs were moved, or the queue was paused (with a reason) or resumed (with none). */
  readonly queue: (paused: string) => void;
  readonly lost: () => void;
}

/** How long a page must have been out of sight before it lets go of its connection, in milliseconds. */
const OUT_OF_SIGHT = 15_000;

/**
 * Listen until the function that comes back is called.
 *
 * A page out of sight lets go of its connection: browsers have six for a server, and whoever had seven pages open would
 * wait for ever for the seventh.
 *
 * @param needed says whether it must be heard even then.
 */
export function listen(listener: Listener, needed: () => boolean = () => false): () => void {
  const pause = pauses();
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let rest: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(address("jobs/events"), { withCredentials: true });
    source.addEventListener("snapshot", (event) => {
      pause.reset();
      listener.snapshot(read(event), Number(event.lastEventId) || 0);
    });
    for (const name of OF_JOBS) source.addEventListener(name, (event) => listener.run(runEvent(event)));
    source.addEventListener("job", (event) => listener.job(read(event)));
    source.addEventListener("removed", (event) => listener.removed(asText(read(event).id)));
    source.addEventListener("queue", (event) => listener.queue(asText(read(event).paused)));
    source.addEventListener("error", again);
  }

  function again(): void {
    source?.close();
    listener.lost();
    clearTimeout(timer);
    timer = setTimeout(open, pause.next());
  }

  function look(): void {
    clearTimeout(rest);
    if (!document.hidden && source === undefined) open();
    if (document.hidden) rest = setTimeout(letGo, OUT_OF_SIGHT);
  }

  function letGo(): void {
    if (needed()) {
      look();
      return;
    }
    clearTimeout(timer);
    source?.close();
    source = undefined;
  }

  open();
  window.addEventListener("online", open);
  document.addEventListener("visibilitychange", look);
  return () => {
    window.removeEventListener("online", open);
    document.removeEventListener("visibilitychange", look);
    clearTimeout(rest);
    clearTimeout(timer);
    source?.close();
  };
}

function read(event: MessageEvent): JsonObject {
  return asObject(parseJson(event.data));
}

function runEvent(event: MessageEvent): RunEvent {
  return readRunEvent(read(event), event.lastEventId && PASSING.has(event.type) ? {} : numbered(event.lastEventId));
}

/** These have no id; the browser repeats that of the event before. */
const PASSING: ReadonlySet<string> = new Set(["progress", "estimate"]);

function numbered(id: string): { readonly id?: number } {
  return id ? { id: Number(id) } : {};
}

/** An event as a stream or a log tells it. */
export function readRunEvent(told: JsonObject, known: { readonly id?: number; readonly job?: string }): RunEvent {
  return {
    job: asText(told.job),
    event: asText(told.event),
    time: asNumber(told.time),
    data: asObject(told.data),
    ...known,
  };
}
