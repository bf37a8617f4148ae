/** The state of a node beside its title, and the bar below it while it runs. Only these redraw while a run goes on. */
import { runAt } from "../store/instances";
import { useRuns } from "../store/run";
import { type CardState, STATE_ICONS, wordsFor } from "./nodeState";

interface Props {
  readonly promptId: string;
  readonly state: CardState;
}

export function NodeBadge({ promptId, state }: Props) {
  const run = useRuns((runs) => runAt(runs.nodes, promptId));
  const Icon = STATE_ICONS[state];
  if (!Icon) return null;
  return (
    <span className="node-badge" title={run?.reason}>
      <Icon aria-hidden />
      {wordsFor(state, run)}
    </span>
  );
}

export function NodeBar({ promptId }: Pick<Props, "promptId">) {
  const run = useRuns((runs) => runAt(runs.nodes, promptId));
  if (run?.phase !== "running") return null;
  return run.total ? (
    <progress className="node-bar" value={run.value ?? 0} max={run.total} />
  ) : (
    <progress className="node-bar" />
  );
}
