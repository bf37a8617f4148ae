/** Inside a subgraph: where what its instance is given comes in, and where what it gives goes out. */
import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { asText } from "../graph/json";
import { t } from "../words";
import type { EndNode } from "./flow";
import { Socket } from "./Socket";

export const SubgraphEnd = memo(function SubgraphEnd({ id, data: { subgraph, side } }: NodeProps<EndNode>) {
  const slots = side === "input" ? subgraph.inputs : subgraph.outputs;
  const outer = side === "input" ? "output" : "input";
  return (
    <section className="subgraph-end" aria-label={t(side === "input" ? "subgraph.inputs" : "subgraph.outputs")}>
      <header>{t(side === "input" ? "subgraph.inputs" : "subgraph.outputs")}</header>
      {slots.map((slot, index) => (
        <div key={asText(slot.id) || index} className={side === "input" ? "socket-row output" : "socket-row"}>
          <Socket
            node={id}
            side={outer}
            slot={index}
            type={slot.type ?? "*"}
            name={asText(slot.label) || asText(slot.name)}
          />
          <span className="socket-name">{asText(slot.label) || asText(slot.name)}</span>
        </div>
      ))}
      <div className={side === "input" ? "socket-row output" : "socket-row"}>
        <Socket node={id} side={outer} slot={slots.length} type="*" name={t("subgraph.newSocket")} optional />
        <span className="socket-name">{t("subgraph.newSocket")}</span>
      </div>
    </section>
  );
});
