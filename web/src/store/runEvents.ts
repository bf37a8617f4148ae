/**
 * What a run tells, folded into what is shown: functions from one state to the next.
 *
 * They take in what the stream of events tells and what the log of a job says after a reload, so the page shows the same
 * whether it was there or not. An event that was taken in already changes nothing.
 */
import { asList, asNumber, asObject, asText, isObject, type Json, type JsonObject } from "../graph/json";
import { engineProblem } from "../graph/problems";
import { NO_RUN, type NodePhase, type NodeRun, type RunEvent, type RunPhase, type RunState } from "./runState";
import { causeWords } from "./runWords";

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

export function estimated(run: RunState, data: JsonObject): RunState {
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
export function ended(run: RunState, phase: RunPhase, time: number): RunState {
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
export function counted(run: RunState): RunState {
  if (run.secondsLeft !== null || run.nodes.size === 0) return run;
  let done = 0;
  for (const node of run.nodes.values()) done += shareOf(node);
  return { ...run, fraction: Math.max(run.fraction, done / run.nodes.size) };
}

function shareOf(node: NodeRun): number {
  if (node.phase === "done" || node.phase === "reused") return 1;
  return node.phase === "running" && node.total ? (node.value ?? 0) / node.total : 0;
}

export function progressed(node: NodeRun, data: JsonObject): NodeRun {
  return { ...node, phase: "running", value: asNumber(data.value), total: asNumber(data.total) };
}

export function atNode(run: RunState, data: JsonObject, change: (node: NodeRun) => NodeRun): RunState {
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

export function put<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(key, value);
}

function texts(value: Json | undefined): string[] {
  return asList(value).map(String);
}

function numberOrNull(value: Json | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
