/** What the last run said of a node: problems first, then whether it ran and why. */
import { CircleX, Leaf, Timer } from "lucide-react";
import { runAt } from "../../store/instances";
import { useRuns } from "../../store/run";
import { t } from "../../words";

export function RunFacts({ promptId }: { readonly promptId: string }) {
  const run = useRuns((state) => runAt(state.nodes, promptId));
  const problems = useRuns((state) => state.problems.get(promptId));
  const notice = useRuns((state) => state.notices.get(promptId));
  return (
    <>
      {problems?.map((problem) => (
        <div key={`${problem.input} ${problem.message}`} className="inspector-problem">
          <CircleX aria-hidden />
          <div>
            <p>{problem.message}</p>
            {problem.remedy && <p className="quiet">{problem.remedy}</p>}
            {problem.details && (
              <details>
                <summary>{t("inspector.details")}</summary>
                <pre>{problem.details}</pre>
              </details>
            )}
          </div>
        </div>
      ))}
      {run?.reason && (
        <div className="inspector-why">
          {run.phase === "reused" ? <Leaf aria-hidden /> : <Timer aria-hidden />}
          <p>
            <strong>{t(run.phase === "reused" ? "inspector.reused" : "inspector.ran")}</strong> {run.reason}
            {run.seconds !== undefined && (
              <span className="quiet"> {t("inspector.seconds", { seconds: run.seconds.toFixed(1) })}</span>
            )}
          </p>
        </div>
      )}
      {notice && <p className="quiet">{notice}</p>}
    </>
  );
}
