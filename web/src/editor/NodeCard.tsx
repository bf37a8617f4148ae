/** A node: title bar, sockets, fields, what it made. Far away only title and sockets; folded, the title alone. */
import { type NodeProps, NodeResizeControl, useStore } from "@xyflow/react";
import { memo, useDeferredValue } from "react";
import { NodeExtras } from "../extension/NodeExtras";
import { NodeFields } from "../fields/NodeFields";
import { NodePictures } from "../fields/NodePictures";
import { runAt } from "../store/instances";
import { useRuns } from "../store/run";
import { activeTab, openScope } from "../store/tabs";
import { CardWords } from "./CardWords";
import { FarCard } from "./FarCard";
import { FieldSocket } from "./FieldSocket";
import { FieldSockets } from "./FieldSockets";
import type { CardNode } from "./flow";
import { FAR, MIN_WIDTH, ROW, TITLE } from "./measures";
import { NodeBar } from "./NodeBadge";
import { InnerProblems, NodeProblems } from "./NodeProblems";
import { NodeTitle } from "./NodeTitle";
import { titleOf, useDefinition, useIsMissing, usePromptId, useSubgraph } from "./nodeFacts";
import { type CardState, stateOf } from "./nodeState";
import { SocketRows } from "./SocketRows";
import { tintOf } from "./tint";

type Props = NodeProps<CardNode>;

export const NodeCard = memo(
  Card,
  (before, now) =>
    before.data.node === now.data.node && before.selected === now.selected && before.height === now.height,
);

function Card({ id, data: { node }, height }: Props) {
  const far = useDeferredValue(useStore((state) => state.transform[2] < FAR));
  const subgraph = useSubgraph(node.type);
  const definition = useDefinition(node, subgraph);
  const prompt = usePromptId(id);
  const missing = useIsMissing(node.type);
  const state = useCardState(prompt, node.mode, missing);
  const title = titleOf(node, definition, subgraph);
  const look = { state, tint: tintOf(node, definition?.category), title };
  if (far) return <FarCard node={node} definition={definition} height={height} {...look} />;
  const open = subgraph && (() => openScope([...activeTab().scope, id]));
  return (
    <article
      id={`card-${id}`}
      className="node-card"
      data-state={state}
      data-missing={missing || undefined}
      data-folded={node.collapsed || undefined}
      style={look.tint}
      aria-label={title}
    >
      <CardWords node={node} definition={definition} state={state} />
      <NodeTitle node={node} title={title} promptId={prompt} state={state} onOpen={open} />
      <NodeBar promptId={prompt} />
      <NodeProblems promptId={prompt} missing={missing ? node.type : undefined} />
      {subgraph && <InnerProblems promptId={prompt} />}
      <SocketRows node={node} definition={definition} />
      {node.collapsed && <FieldSockets node={node} definition={definition} />}
      {!node.collapsed && definition && (
        <NodeFields node={node} definition={definition} promptId={prompt} Socket={FieldSocket} />
      )}
      {!node.collapsed && <NodeExtras id={id} />}
      {!node.collapsed && <NodePictures promptId={prompt} title={title} isInstance={subgraph !== undefined} />}
      {!node.collapsed && (
        <NodeResizeControl
          autoScale={false}
          className="node-corner"
          minWidth={MIN_WIDTH}
          minHeight={TITLE + ROW}
          position="bottom-right"
        />
      )}
    </article>
  );
}

/** The state of a card; of the run store it takes the phase alone, so that progress does not redraw it. */
function useCardState(prompt: string, mode: number, missing: boolean): CardState {
  return useRuns((runs) =>
    stateOf({ mode, missing, run: runAt(runs.nodes, prompt), problems: runs.problems.get(prompt) }),
  );
}
