/** The sheet of nodes and wires. */
import { Background, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { Stage } from "./Stage";

export function Canvas() {
  return (
    <ReactFlow nodes={[]} edges={[]} proOptions={{ hideAttribution: true }}>
      <Background />
      <Stage />
    </ReactFlow>
  );
}
