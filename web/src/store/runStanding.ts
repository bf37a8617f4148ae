/** What is known of a run beside its events: that its job was taken, how the server says it stands, its previews. */
import { asList, asNumber, asObject, asText, isObject, type JsonObject } from "../graph/json";
import { atNode, counted, ended, estimated, progressed, put } from "./runEvents";
import { NO_RUN, type RunPhase, type RunState } from "./runState";

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
