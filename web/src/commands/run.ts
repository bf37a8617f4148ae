/** Commands that run the graph. */
import { cancelRuns, queueRuns, queueToSelection } from "../store/queueing";
import { useRuns } from "../store/run";
import { useRunOptions } from "../store/runOptions";
import { activeCanvas, activeTab } from "../store/tabs";
import { togglePanel, useUi } from "../store/ui";
import type { Command } from "./command";

export const RUN: readonly Command[] = [
  {
    id: "run.run",
    title: "command.run",
    keys: ["Ctrl+Enter"],
    inFields: true,
    enabled: () => activeCanvas().nodes.size > 0,
    why: "run.whyEmpty",
    run: () => queueRuns({ count: useRunOptions.getState().count }),
  },
  {
    id: "run.toHere",
    title: "command.runToHere",
    keys: ["Ctrl+Shift+Enter"],
    inFields: true,
    enabled: () => activeTab().selection.size > 0,
    why: "run.whySelect",
    run: queueToSelection,
  },
  {
    id: "run.front",
    title: "command.runFront",
    enabled: () => activeCanvas().nodes.size > 0,
    why: "run.whyEmpty",
    run: () => queueRuns({ count: useRunOptions.getState().count, front: true }),
  },
  {
    id: "run.cancel",
    title: "command.cancelRun",
    keys: ["Ctrl+Alt+Enter"],
    inFields: true,
    enabled: () => ["queued", "running"].includes(useRuns.getState().phase),
    why: "run.whyIdle",
    run: () => cancelRuns(),
  },
  {
    id: "run.queue",
    title: "command.queue",
    keys: ["Q"],
    checked: () => useUi.getState().panel === "queue",
    run: () => togglePanel("queue"),
  },
  {
    id: "run.problems",
    title: "command.problems",
    checked: () => useUi.getState().panel === "problems",
    run: () => togglePanel("problems"),
  },
  {
    id: "run.previews",
    title: "command.previews",
    checked: () => useRunOptions.getState().previews,
    run: () => useRunOptions.setState((state) => ({ previews: !state.previews })),
  },
];
