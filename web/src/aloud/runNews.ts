/** What is said of a run: its beginning, its half, its end. Anything more would never be silent. */
import { duration } from "../panels/run/times";
import type { RunState } from "../store/runState";
import { t } from "../words";

/** The sentence for the way from one state to the next, if it is worth one. */
export function runNews(before: RunState, now: RunState, nameOf: (promptId: string) => string): string | undefined {
  if (now.phase !== before.phase || now.jobId !== before.jobId) return phaseNews(now, nameOf);
  const isHalf = now.phase === "running" && before.fraction < 0.5 && now.fraction >= 0.5;
  return isHalf ? t("aloud.half") : undefined;
}

function phaseNews(run: RunState, nameOf: (promptId: string) => string): string | undefined {
  switch (run.phase) {
    case "running":
      return t("aloud.started");
    case "done":
      return doneNews(run);
    case "failed":
      return t("aloud.failed", { why: reasonOf(run, nameOf) });
    case "cancelled":
      return t("aloud.cancelled");
    default:
      return undefined;
  }
}

function doneNews({ started, finished, nodes }: RunState): string {
  const reused = [...nodes.values()].filter(({ phase }) => phase === "reused").length;
  const time = duration(started && finished ? finished - started : 0);
  return reused > 0 ? t("aloud.doneReused", { time, count: reused }) : t("aloud.done", { time });
}

function reasonOf({ problems, general }: RunState, nameOf: (promptId: string) => string): string {
  const [first] = problems;
  const [id, [problem] = []] = first ?? [];
  if (id !== undefined && problem) return t("aloud.at", { node: nameOf(id), message: problem.message });
  return general[0]?.message ?? "";
}
