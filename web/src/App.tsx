/** The whole page: documents on top, the rail, the canvas, the inspector, the status line. */
import { lazy, Suspense, useEffect } from "react";
import { SkipLinks } from "./aloud/SkipLinks";
import { Voice } from "./aloud/Voice";
import { Keys } from "./commands/Keys";
import { Canvas } from "./editor/Canvas";
import { loadExtensions } from "./extension/load";
import { useForm } from "./form/narrow";
import { ThumbBar } from "./form/ThumbBar";
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
import { followPacks } from "./store/packs";
import { notify, useUi } from "./store/ui";
import { t } from "./words";
import { useLanguage } from "./words/language";
import "./styles/app.css";
import "./styles/floating.css";
import "./styles/inspector.css";
import "./styles/templates.css";
import "./styles/panels.css";
import "./styles/runs.css";
import "./styles/narrow.css";
import "./styles/problems.css";
import "./styles/queue.css";
import "./styles/pictures.css";

const Form = lazy(async () => ({ default: (await import("./form/Form")).Form }));
const Outline = lazy(async () => ({ default: (await import("./outline/Outline")).Outline }));

export function App() {
  const loaded = useCatalogue((state) => state.loaded);
  const language = useLanguage((state) => state.spoken);
  const form = useForm();
  const outline = useUi((state) => state.outline);
  // biome-ignore lint/correctness/useExhaustiveDependencies: packs name their nodes in the language that is spoken.
  useEffect(() => {
    const then = useCatalogue.getState().loaded ? undefined : loadExtensions;
    loadCatalogue()
      .then(then)
      .catch((error: Error) => notify("bad", error.message));
  }, [language]);
  useEffect(goLive, []);
  useEffect(followPacks, []);
  return (
    <div className="app" key={language} data-ready={loaded || undefined}>
      <SkipLinks />
      <TopBar />
      <Rail />
      <Suspense>{outline && <Outline />}</Suspense>
      <main tabIndex={-1} aria-label={t("main.label")}>
        <Canvas />
        <Suspense>{form && <Form />}</Suspense>
        <FirstRun />
        <NodeDrop />
      </main>
      <Inspector />
      <StatusLine />
      <ThumbBar />
      <Dialogs />
      <Notices />
      <Keys />
      <Voice />
      <DropZone />
      <LoginDialog />
    </div>
  );
}
