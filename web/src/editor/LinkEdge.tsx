/** A wire: a curve in the colour of what it carries, which pulses once when it carried something. */
import { type EdgeProps, useStore } from "@xyflow/react";
import { memo, useMemo } from "react";
import type { Link, Point, Reroute } from "../graph/document";
import { chain } from "../graph/edits/settle";
import { promptId } from "../graph/scope";
import { usePreferences } from "../store/preferences";
import { useRuns } from "../store/run";
import { activeCanvas, activeTab, useTabs } from "../store/tabs";
import type { FlowEdge } from "./flow";
import { pathThrough } from "./linkPath";
import { FAR } from "./measures";
import { pointName } from "./names";
import { colourOf } from "./socketLook";
import { useWiring } from "./wiring";

const NO_POINTS: ReadonlyMap<number, Reroute> = new Map();

export const LinkEdge = memo(function LinkEdge({
  data,
  sourceX,
  sourceY,
  targetX,
  targetY,
  selected,
}: EdgeProps<FlowEdge>) {
  const link = data?.link;
  const picked = useWiring((wiring) => wiring.picked === link?.id);
  const far = useStore((state) => state.transform[2] < FAR);
  const carried = useCarried(link);
  const way = useWay(link);
  const style = usePreferences((state) => state.links);
  const path = useMemo(
    () => pathThrough([[sourceX, sourceY], ...pointsOf(way), [targetX, targetY]], style),
    [sourceX, sourceY, targetX, targetY, way, style],
  );
  if (!link) return null;
  return (
    <g
      className="link"
      data-selected={selected || undefined}
      data-picked={picked || undefined}
      style={{ color: colourOf(link.type) }}
    >
      <path className="react-flow__edge-path" d={path} data-carried={carried || undefined} />
      {!far && <path className="react-flow__edge-interaction link-hit" d={path} />}
    </g>
  );
});

/** Where its points are now, which may be in the hand: as text, so that nothing redraws while they stay. */
function useWay(link: Link | undefined): string {
  const reroutes = useTabs((state) => (link?.parent === undefined ? NO_POINTS : activeCanvas(state).reroutes));
  const names = useMemo(
    () =>
      link
        ? chain(link, reroutes)
            .toReversed()
            .map((point) => pointName(point.id))
        : [],
    [link, reroutes],
  );
  return useStore((state) =>
    names
      .map((name) => state.nodeLookup.get(name)?.position)
      .map((place) => (place ? `${place.x},${place.y}` : ""))
      .join(" "),
  );
}

function pointsOf(way: string): Point[] {
  return way
    .split(" ")
    .filter(Boolean)
    .map((place): Point => [Number(place.split(",")[0]), Number(place.split(",")[1])]);
}

/** Whether the node behind it has run on what it brought. */
function useCarried(link: Link | undefined): boolean {
  const target = useTabs((state) => (link ? promptId(activeTab(state).scope, link.target) : ""));
  return useRuns((runs) => {
    const phase = runs.nodes.get(target)?.phase;
    return phase === "running" || phase === "done";
  });
}
