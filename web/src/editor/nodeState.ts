/** In which state a card is, of the many it could show: the one that matters most. */
import {
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleX,
  CornerDownRight,
  EyeOff,
  Leaf,
  LoaderCircle,
  type LucideIcon,
  OctagonPause,
} from "lucide-react";
import { MODE } from "../graph/document";
import type { NodeRun, Problem } from "../store/run";
import { t, type Word } from "../words";

export type CardState =
  | "idle"
  | "queued"
  | "running"
  | "done"
  | "reused"
  | "problem"
  | "blocked"
  | "missing"
  | "muted"
  | "bypassed";

export const STATE_ICONS: Readonly<Partial<Record<CardState, LucideIcon>>> = {
  queued: CircleDashed,
  running: LoaderCircle,
  done: CircleCheck,
  reused: Leaf,
  problem: CircleX,
  blocked: OctagonPause,
  missing: CircleHelp,
  muted: EyeOff,
  bypassed: CornerDownRight,
};

interface Facts {
  readonly mode: number;
  readonly missing: boolean;
  readonly run: NodeRun | undefined;
  readonly problems: readonly Problem[] | undefined;
}

export function stateOf({ mode, missing, run, problems }: Facts): CardState {
  if (mode === MODE.muted) return "muted";
  if (mode === MODE.bypassed) return "bypassed";
  if (problems && problems.length > 0) return "problem";
  if (missing) return "missing";
  if (run?.phase === "failed") return "problem";
  return run?.phase ?? "idle";
}

/** What stands beside the title: "12 / 20 · 3 s", "0.4 s", "muted". */
export function wordsFor(state: CardState, run: NodeRun | undefined): string {
  const seconds = run?.seconds === undefined ? "" : secondsText(run.seconds);
  if (state === "running") {
    const steps = run?.total ? `${run.value ?? 0} / ${run.total}` : t("state.running");
    return seconds ? `${steps} · ${seconds}` : steps;
  }
  if (state === "done" && seconds) return seconds;
  return state === "idle" ? "" : t(`state.${state}` as Word);
}

export function secondsText(seconds: number): string {
  if (seconds < 0.1) return t("state.seconds", { count: "< 0.1" });
  return t("state.seconds", { count: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) });
}
