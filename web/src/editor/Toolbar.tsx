/** The tools of the canvas at its lower left: how to select, how near to look. */
import { useStore } from "@xyflow/react";
import {
  BoxSelect,
  Grid3x3,
  Hand,
  LassoSelect,
  type LucideIcon,
  Map as MapIcon,
  Maximize,
  Minus,
  Plus,
} from "lucide-react";
import { commandOf, perform } from "../commands";
import { titleOf } from "../commands/command";
import { ariaKeys, written } from "../commands/keys";
import { useView } from "../store/view";
import { t } from "../words";

const TOOLS: readonly (readonly [string, LucideIcon])[] = [
  ["view.tool.pan", Hand],
  ["view.tool.box", BoxSelect],
  ["view.tool.lasso", LassoSelect],
];
const LOOKS: readonly (readonly [string, LucideIcon])[] = [
  ["view.snap", Grid3x3],
  ["view.minimap", MapIcon],
  ["view.fitAll", Maximize],
];

export function Toolbar() {
  useView();
  return (
    <div className="canvas-tools" role="toolbar" aria-label={t("tools.label")}>
      {TOOLS.map(([id, Icon]) => (
        <Tool key={id} id={id} Icon={Icon} />
      ))}
      <span className="tools-line" />
      {LOOKS.map(([id, Icon]) => (
        <Tool key={id} id={id} Icon={Icon} />
      ))}
      <Tool id="view.zoomOut" Icon={Minus} />
      <Zoom />
      <Tool id="view.zoomIn" Icon={Plus} />
    </div>
  );
}

function Zoom() {
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  return <output className="tools-zoom">{percent} %</output>;
}

function Tool({ id, Icon }: { readonly id: string; readonly Icon: LucideIcon }) {
  const command = commandOf(id);
  if (!command) return null;
  const keys = command.keys?.[0];
  const title = titleOf(command);
  return (
    <button
      type="button"
      aria-label={title}
      title={keys ? `${title} (${written(keys)})` : title}
      aria-keyshortcuts={ariaKeys(command.keys)}
      aria-pressed={command.checked?.()}
      onClick={() => perform(id)}
    >
      <Icon aria-hidden />
    </button>
  );
}
