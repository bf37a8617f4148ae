/** A point that wires are led through, and the Reroute node, which is the same to the eye but has sockets. */
import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { activeCanvas, useTabs } from "../store/tabs";
import { t } from "../words";
import type { CardNode, PointNode } from "./flow";
import { Socket } from "./Socket";
import { colourOf } from "./socketLook";

export const ReroutePoint = memo(function ReroutePoint({ data: { reroute }, selected }: NodeProps<PointNode>) {
  const type = useTabs((state) => activeCanvas(state).links.get(reroute.linkIds[0] ?? -1)?.type ?? "*");
  return (
    <span
      role="img"
      className="reroute-point"
      aria-label={t("reroute.label")}
      data-selected={selected || undefined}
      style={{ background: colourOf(type) }}
    />
  );
});

export const RerouteKnot = memo(function RerouteKnot({ id, data: { node }, selected }: NodeProps<CardNode>) {
  const link = node.inputs[0]?.link;
  const carried = useTabs((state) => activeCanvas(state).links.get(link ?? -1)?.type);
  const type = carried ?? node.outputs[0]?.type ?? "*";
  return (
    <section className="knot" aria-label={t("reroute.label")} data-selected={selected || undefined}>
      {node.inputs[0] && <Socket node={id} side="input" slot={0} type={type} name="" link={link} />}
      {node.outputs[0] && (
        <Socket node={id} side="output" slot={0} type={type} name="" link={node.outputs[0].links?.[0]} />
      )}
    </section>
  );
});
