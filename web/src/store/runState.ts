/** The latest run of a document as a value: how its nodes fare, what is wrong, what they showed. */
import type { Json, JsonObject } from "../graph/json";
import type { NodeProblem, Problems } from "../graph/problems";

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
