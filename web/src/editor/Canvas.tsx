/** The sheet of nodes and wires that is seen: of the active document, or of the subgraph that is open in it. */
import { ReactFlowProvider } from "@xyflow/react";
import { activeTab, useTabs } from "../store/tabs";
import { sheetName } from "../store/view";
import { ContextMenu } from "./ContextMenu";
import { Sheet } from "./Sheet";
import "@xyflow/react/dist/style.css";
import "../styles/canvas.css";

export function Canvas() {
  const name = useTabs((state) => sheetName(activeTab(state).id, activeTab(state).scope));
  return (
    <>
      <ReactFlowProvider key={name}>
        <Sheet name={name} />
      </ReactFlowProvider>
      <ContextMenu />
    </>
  );
}
