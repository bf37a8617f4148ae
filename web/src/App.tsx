/** The whole page: documents on top, the rail, the canvas, the inspector, the status line. */
import { useEffect } from "react";
import { Keys } from "./commands/Keys";
import { Canvas } from "./editor/Canvas";
import { loadExtensions } from "./extension/load";
import { Dialogs } from "./panels/Dialogs";
import { DropZone } from "./panels/files/DropZone";
import { LoginDialog } from "./panels/files/LoginDialog";
import { FirstRun } from "./panels/first/FirstRun";
import { Inspector } from "./panels/Inspector";
import { Notices } from "./panels/Notices";
import { NodeDrop } from "./panels/parts/NodeDrop";
import { Rail } from "./panels/Rail";
import { StatusLine } from "./panels/StatusLine";
import { TopBar } from "./panels/TopBar";
import { loadCatalogue, useCatalogue } from "./store/catalogue";
import { goLive } from "./store/live";
import { notify } from "./store/ui";
import "./styles/app.css";
import "./styles/floating.css";
import "./styles/inspector.css";
import "./styles/templates.css";
import "./styles/panels.css";
import "./styles/runs.css";
import "./styles/problems.css";
import "./styles/queue.css";
import "./styles/pictures.css";

export function App() {
  const loaded = useCatalogue((state) => state.loaded);
  useEffect(() => {
    loadCatalogue()
      .then(loadExtensions)
      .catch((error: Error) => notify("bad", error.message));
  }, []);
  useEffect(goLive, []);
  return (
    <div className="app" data-ready={loaded || undefined}>
      <TopBar />
      <Rail />
      <main tabIndex={-1}>
        <Canvas />
        <FirstRun />
        <NodeDrop />
      </main>
      <Inspector />
      <StatusLine />
      <Dialogs />
      <Notices />
      <Keys />
      <DropZone />
      <LoginDialog />
    </div>
  );
}
