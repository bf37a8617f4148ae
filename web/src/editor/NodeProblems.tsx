/** What is wrong with a node, below its title: what, and what to do. */
import { CircleX, CornerDownRight } from "lucide-react";
import { useMemo } from "react";
import { jumpTo } from "../panels/run/jump";
import { nodeName } from "../panels/run/names";
import { inside } from "../store/instances";
import { useRuns } from "../store/run";
import { activeDocument } from "../store/tabs";
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

/** What is wrong inside an instance of a subgraph, with the way there. */
export function InnerProblems({ promptId }: Pick<Props, "promptId">) {
  const problems = useRuns((runs) => runs.problems);
  const inner = useMemo(() => inside(problems, promptId), [problems, promptId]);
  return inner.flatMap(([id, list]) =>
    list.map((problem) => (
      <div key={`${id}-${problem.input}-${problem.message}`} className="node-problem" role="alert">
        <CircleX aria-hidden />
        <p>{problem.message}</p>
        <button type="button" className="problem-jump nodrag nopan" onClick={() => jumpTo(id)}>
          <CornerDownRight aria-hidden />
          {t("problems.show", { name: nodeName(activeDocument(), id) })}
        </button>
      </div>
    )),
  );
}
