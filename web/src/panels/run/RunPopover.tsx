/** Under the Run button while it is at work: the node, its steps, the time, and the picture as it comes into being. */
import { useRuns } from "../../store/run";
import { activeDocument, useTabs } from "../../store/tabs";
import { t } from "../../words";
import { nodeName } from "./names";
import { left } from "./times";

export function RunPopover() {
  const id = useRuns((state) => [...state.nodes].find(([, node]) => node.phase === "running")?.[0]);
  const preview = useRuns((state) => state.previews.get(id ?? ""));
  return (
    <div className="run-popover">
      {preview && <img src={preview} alt={t("run.preview")} />}
      {id ? <AtWork id={id} /> : <p>{t("run.waiting")}</p>}
      <Remaining />
    </div>
  );
}

function AtWork({ id }: { readonly id: string }) {
  const name = useTabs((state) => nodeName(activeDocument(state), id));
  const node = useRuns((state) => state.nodes.get(id));
  const steps = node?.total ? t("run.steps", { value: node.value ?? 0, total: node.total }) : "";
  return (
    <p>
      <strong>{name}</strong> <span>{steps}</span>
    </p>
  );
}

function Remaining() {
  const low = useRuns((state) => state.secondsLow);
  const high = useRuns((state) => state.secondsHigh);
  const likely = useRuns((state) => state.secondsLeft);
  if (likely === null) return null;
  const told =
    high === null ? t("run.left", { left: left(likely) }) : t("run.between", { low: left(low ?? 0), high: left(high) });
  return <p className="quiet">{told}</p>;
}
