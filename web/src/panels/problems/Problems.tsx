/** The rail's list of what keeps the graph from running, each with a way to the node. */
import { CircleAlert, CornerDownRight } from "lucide-react";
import type { NodeProblem } from "../../graph/problems";
import { useRuns } from "../../store/run";
import { activeDocument, useTabs } from "../../store/tabs";
import { t, type Word } from "../../words";
import { Panel } from "../parts/Panel";
import { jumpTo } from "../run/jump";
import { nodeName } from "../run/names";

export function Problems() {
  const problems = useRuns((state) => state.problems);
  const general = useRuns((state) => state.general);
  const count = [...problems.values()].reduce((sum, list) => sum + list.length, general.length);
  return (
    <Panel title={t("problems.title")} className="panel-plain">
      <p className="quiet" role="status">
        {count === 0 ? t("problems.none") : t(count === 1 ? "problems.one" : "problems.count", { count })}
      </p>
      <ul className="problems">
        {general.map((problem) => (
          <ProblemRow key={problem.message} problem={problem} />
        ))}
        {[...problems].flatMap(([id, list]) =>
          list.map((problem) => (
            <ProblemRow key={`${id} ${problem.input} ${problem.message}`} id={id} problem={problem} />
          )),
        )}
      </ul>
    </Panel>
  );
}

interface Props {
  readonly id?: string;
  readonly problem: NodeProblem;
}

function ProblemRow({ id, problem }: Props) {
  return (
    <li className="problem">
      <CircleAlert aria-hidden />
      <div>
        <p className="problem-message">{problem.message}</p>
        {problem.details && <p className="quiet">{problem.details}</p>}
        {problem.remedy && <p>{problem.remedy}</p>}
        {id !== undefined && <Jump id={id} word="problems.show" />}
        {problem.source !== undefined && <Jump id={problem.source} word="problems.showSource" />}
      </div>
    </li>
  );
}

function Jump({ id, word }: { readonly id: string; readonly word: Word }) {
  const name = useTabs((state) => nodeName(activeDocument(state), id));
  return (
    <button type="button" className="problem-jump" onClick={() => jumpTo(id)}>
      <CornerDownRight aria-hidden />
      {t(word, { name })}
    </button>
  );
}
