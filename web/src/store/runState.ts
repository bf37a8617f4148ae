/**
 * What a run has told, folded into what is shown: a value, and functions from one value to the next.
 *
 * The same functions take in what the stream of events tells and what the log of a job says after a reload, so the page
 * shows the same whether it was there or not. An event that was taken in already changes nothing.
 */
import { asList, asNumber, asObject, asText, isObject, type Json, type JsonObject } from "../graph/json";
import { engineProblem, type NodeProblem, type Problems } from "../graph/problems";
import { causeWords } from "./runWords";

export type NodePhase = "queued" | "running" | "done" | "reused" | "failed" | "blocked";
export type RunPhase = "idle" | "queued" | "running" | "done" | "failed" | "cancelled";

export interface NodeRun {
  readonly phase: NodePhase;
  /** Steps done, and steps in all. */
  readonly value?: number;
  readonly total?: number;
  readonly seconds?: number;
  /** Why it ran or did not, in the engine's words. */
  readonly reason?: string;
}

export interface Picture {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

export type Shown = Readonly<Record<string, Json>>;

/** The latest run of one document. */
export interface RunState {
  readonly jobId: string | null;
  readonly phase: RunPhase;
  /** The id of the last event taken in. */
  readonly lastEvent: number;
  /** By prompt id (`12:5`). */
  readonly nodes: ReadonlyMap<string, NodeRun>;
  readonly problems: Problems;
  /** Those of them that were found before it ran: outputs that do not run while others do. */
  readonly checked: Problems;
  /** What is wrong with no node in particular. */
  readonly general: readonly NodeProblem[];
  /** What nodes said while they ran. */
  readonly notices: ReadonlyMap<string, string>;
  /** What nodes showed last: ComfyUI's `ui` answers. They stay until a later run shows something else. */
  readonly outputs: ReadonlyMap<string, Shown>;
  /** Object URLs of the latest preview of a node. */
  readonly previews: ReadonlyMap<string, string>;
  /** Nodes that were put in the place of others while it ran, and the node that is seen instead. */
  readonly places: ReadonlyMap<string, string>;
  /** From 0 to 1. */
  readonly fraction: number;
  readonly secondsLeft: number | null;
  readonly secondsLow: number | null;
  readonly secondsHigh: number | null;
  /** In seconds since 1970. */
  readonly started: number | null;
  readonly finished: number | null;
}

export const NO_RUN: RunState = {
  jobId: null,
  phase: "idle",
  lastEvent: 0,
  nodes: new Map(),
  problems: new Map(),
  checked: new Map(),
  general: [],
  notices: new Map(),
  outputs: new Map(),
  previews: new Map(),
  places: new Map(),
  fraction: 0,
  secondsLeft: null,
  secondsLow: null,
  secondsHigh: null,
  started: null,
  finished: null,
};

/** An event of one job, as `/jobs/events` and a job's log tell it. */
export interface RunEvent {
  readonly job: string;
  readonly event: string;
  readonly time: number;
  /** Undefined for what passes: progress and estimates. */
  readonly id?: number;
  readonly data: JsonObject;
}

type Reducer = (run: RunState, data: JsonObject, event: RunEvent) => RunState;

const REDUCERS: Readonly<Record<string, Reducer>> = {
  started,
  cached: (run, data) => everyNode(run, texts(data.node_ids), () => ({ phase: "reused" })),
  executing: (run, data) => counted(atNode(run, data, (node) => ({ ...node, phase: "running" }))),
  progress: (run, data) => counted(atNode(run, data, (node) => progressed(node, data))),
  executed,
  notice: (run, data) => ({ ...run, notices: put(run.notices, seenAt(run, data), asText(data.message)) }),
  expanded,
  blocked,
  estimate: estimated,
  explained,
  succeeded: (run, _data, event) => ended(run, "done", event.time),
  failed,
  interrupted: (run, _data, event) => ended(run, "cancelled", event.time),
};

/**
 * The state after an event. Of a job that is not the one shown only `started` counts: it begins a new run. Ids count all
 * events of a server, so one that is not above the last is known, of whichever job it is.
 */
export function hear(run: RunState, event: RunEvent): RunState {
  if (event.event !== "started" && event.job !== run.jobId) return run;
  if (event.id !== undefined && event.id <= run.lastEvent) return run;
  const next = REDUCERS[event.event]?.(run, event.data, event) ?? run;
  return event.id === undefined ? next : { ...next, lastEvent: event.id };
}

/** The state when a job of this document has been accepted. One that runs stays in sight. */
export function accepted(run: RunState, jobId: string): RunState {
  if (run.phase === "running" || run.phase === "queued") return run;
  const { outputs, nodes, lastEvent } = run;
  return { ...NO_RUN, outputs, nodes, lastEvent, jobId, phase: "queued" };
}

/** The state after the server has said how a job stands. It knows best: of a job that it lost there is no last event. */
export function standing(run: RunState, job: JsonObject): RunState {
  if (job.id !== run.jobId) return run;
  const phase = RUN_PHASES[asText(job.state)];
  if (phase === undefined || phase === run.phase) return run;
  if (phase === "queued") return accepted({ ...run, phase: "idle" }, asText(job.id));
  if (phase === "running") return { ...run, phase, started: asNumber(job.started) };
  const over = ended(run, phase, asNumber(job.finished));
  const reason = asText(job.reason);
  const told = over.problems.size + over.general.length > 0;
  return phase === "failed" && reason && !told ? { ...over, general: [{ message: reason }] } : over;
}

const RUN_PHASES: Readonly<Record<string, RunPhase>> = {
  queued: "queued",
  running: "running",
  done: "done",
  failed: "failed",
  parked: "failed",
  cancelled: "cancelled",
};

/** The state with what the server says of a job at work: progress passes and stands in no log. */
export function caughtUp(run: RunState, live: unknown): RunState {
  if (!isObject(live) || run.phase !== "running") return run;
  const steps = Object.entries(asObject(live.progress));
  const told = steps.reduce<RunState>((state, [node_id, done]) => {
    const [value = 0, total = 0] = asList(done);
    const node = state.nodes.get(node_id);
    return node?.phase === "running" ? atNode(state, { node_id }, (at) => progressed(at, { value, total })) : state;
  }, run);
  return isObject(live.estimate) ? estimated(told, live.estimate) : counted(told);
}

/** The state with another preview of a node. */
export function previewed(run: RunState, node: string, url: string): RunState {
  if (run.phase !== "running") return run;
  return { ...run, previews: put(run.previews, run.places.get(node) ?? node, url) };
}

function started(run: RunState, data: JsonObject, event: RunEvent): RunState {
  const nodes = new Map<string, NodeRun>(texts(data.node_ids).map((id) => [id, { phase: "queued" }]));
  const { outputs, checked } = run;
  return {
    ...NO_RUN,
    outputs,
    checked,
    problems: checked,
    jobId: event.job,
    phase: "running",
    nodes,
    started: event.time,
  };
}

function executed(run: RunState, data: JsonObject): RunState {
  const id = asText(data.node_id);
  const shown = seenAt(run, data);
  const outputs = isObject(data.ui) ? put(run.outputs, shown, data.ui) : run.outputs;
  if (id !== shown) return { ...run, outputs };
  const phase: NodePhase = data.reused === true ? "reused" : "done";
  const seconds = asNumber(data.seconds);
  const previews = new Map(run.previews);
  previews.delete(shown);
  return counted(everyNode({ ...run, outputs, previews }, [id], () => ({ phase, seconds })));
}

function expanded(run: RunState, data: JsonObject): RunState {
  const places = new Map(run.places);
  for (const place of asList(data.places)) {
    const [id, display] = asList(place);
    places.set(asText(id), asText(display));
  }
  return { ...run, places };
}

function blocked(run: RunState, data: JsonObject): RunState {
  const told = everyNode(run, [seenAt(run, data)], (node) => ({ ...node, phase: "blocked" }));
  return { ...told, problems: put(told.problems, seenAt(run, data), [{ message: asText(data.message) }]) };
}

function estimated(run: RunState, data: JsonObject): RunState {
  const { fraction, seconds_left, seconds_low, seconds_high } = data;
  return {
    ...run,
    fraction: asNumber(fraction, run.fraction),
    secondsLeft: numberOrNull(seconds_left),
    secondsLow: numberOrNull(seconds_low),
    secondsHigh: numberOrNull(seconds_high),
  };
}

function explained(run: RunState, data: JsonObject): RunState {
  const nodes = new Map(run.nodes);
  for (const [id, record] of Object.entries(asObject(asObject(data.explanation).nodes))) {
    const node = nodes.get(id);
    const reason = causeWords(asObject(record));
    if (node && reason) nodes.set(id, { ...node, reason });
  }
  return { ...run, nodes };
}

function failed(run: RunState, data: JsonObject, event: RunEvent): RunState {
  const problem = asObject(data.problem);
  const over = ended(run, "failed", event.time);
  const told = engineProblem(problem);
  if (typeof problem.node_id !== "string") return { ...over, general: [told] };
  const at = seenAt(run, problem);
  const marked = everyNode(over, [at], (node) => ({ ...node, phase: "failed" }));
  return { ...marked, problems: put(marked.problems, at, [told]) };
}

/** What did not run when it is over was not needed; after a failure it could not run. */
function ended(run: RunState, phase: RunPhase, time: number): RunState {
  const left = [...run.nodes].filter(([, node]) => !["queued", "running"].includes(node.phase));
  const kept: ReadonlyMap<string, NodeRun> =
    phase === "failed"
      ? new Map([...run.nodes].map(([id, node]) => [id, node.phase === "queued" ? { phase: "blocked" } : node]))
      : new Map(left);
  const fraction = phase === "done" ? 1 : run.fraction;
  const known = { secondsLeft: null, secondsLow: null, secondsHigh: null, previews: NO_RUN.previews };
  return { ...run, ...known, phase, nodes: kept, fraction, finished: time };
}

/** The share of the nodes that are done; used until the server tells one in seconds of work. */
function counted(run: RunState): RunState {
  if (run.secondsLeft !== null || run.nodes.size === 0) return run;
  let done = 0;
  for (const node of run.nodes.values()) done += shareOf(node);
  return { ...run, fraction: Math.max(run.fraction, done / run.nodes.size) };
}

function shareOf(node: NodeRun): number {
  if (node.phase === "done" || node.phase === "reused") return 1;
  return node.phase === "running" && node.total ? (node.value ?? 0) / node.total : 0;
}

function progressed(node: NodeRun, data: JsonObject): NodeRun {
  return { ...node, phase: "running", value: asNumber(data.value), total: asNumber(data.total) };
}

function atNode(run: RunState, data: JsonObject, change: (node: NodeRun) => NodeRun): RunState {
  return everyNode(run, [seenAt(run, data)], change);
}

function everyNode(run: RunState, ids: readonly string[], change: (node: NodeRun) => NodeRun): RunState {
  const nodes = new Map(run.nodes);
  for (const id of ids) nodes.set(id, change(nodes.get(id) ?? { phase: "queued" }));
  return { ...run, nodes };
}

/** The node that is seen where an event happened. */
function seenAt(run: RunState, data: JsonObject): string {
  const id = asText(data.node_id);
  return run.places.get(id) ?? id;
}

function put<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(key, value);
}

function texts(value: Json | undefined): string[] {
  return asList(value).map(String);
}

function numberOrNull(value: Json | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
