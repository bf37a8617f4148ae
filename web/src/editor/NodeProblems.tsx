/** What is wrong with a node, below its title: what, and what to do. */
import { CircleX } from "lucide-react";
import { useRuns } from "../store/run";
import { t } from "../words";

interface Props {
  readonly promptId: string;
  /** Its class, where nobody knows it. */
  readonly missing: string | undefined;
}

export function NodeProblems({ promptId, missing }: Props) {
  const problems = useRuns((runs) => runs.problems.get(promptId));
  return (
    <>
      {missing !== undefined && !problems?.length && (
        <p className="node-absent">{t("card.missing", { type: missing })}</p>
      )}
      {problems?.map((problem) => (
        <div key={`${problem.input}-${problem.message}`} className="node-problem" role="alert">
          <CircleX aria-hidden />
          <p>{problem.message}</p>
          {problem.remedy && <p className="node-remedy">{problem.remedy}</p>}
        </div>
      ))}
    </>
  );
}
