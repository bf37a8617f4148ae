/**
 * What the server does: runs, their nodes, previews, results.
 *
 * Kept apart from the documents, so that progress redraws the badge of one card and nothing else.
 */
import { create } from "zustand";
import type { Json } from "../graph/json";

export type NodePhase = "queued" | "running" | "done" | "reused" | "failed" | "blocked";

export interface NodeRun {
  readonly phase: NodePhase;
  readonly value?: number;
  readonly total?: number;
  readonly seconds?: number;
  /** Why it ran or did not, in the engine's words. */
  readonly reason?: string;
}

export interface Problem {
  readonly message: string;
  readonly input?: string;
  readonly remedy?: string;
  readonly details?: string;
}

export interface Picture {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

interface Runs {
  /** By prompt id (`12:5`), for the tab that queued the job. */
  readonly nodes: ReadonlyMap<string, NodeRun>;
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
  /** What nodes showed last: ComfyUI's `ui` answers. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, Json>>>;
  /** Object URLs of the latest preview of a node. */
  readonly previews: ReadonlyMap<string, string>;
  readonly jobId: string | null;
  readonly fraction: number;
  readonly secondsLeft: number | null;
}

export const useRuns = create<Runs>(() => ({
  nodes: new Map(),
  problems: new Map(),
  outputs: new Map(),
  previews: new Map(),
  jobId: null,
  fraction: 0,
  secondsLeft: null,
}));
