/** ComfyUI's `app` object, as far as packs use it and as far as this page can do it. */

import { perform } from "../../commands";
import { asObject, type JsonObject } from "../../graph/json";
import { toPrompt } from "../../graph/prompt";
import { readDocument } from "../../graph/reading";
import { writeDocument } from "../../graph/writing";
import { loadCatalogue, useCatalogue } from "../../store/catalogue";
import { useRuns } from "../../store/run";
import { activeDocument, activeTab, newTab, openTab } from "../../store/tabs";
import { notify } from "../../store/ui";
import type { ComfyApi } from "./api";
import { ComfyGraph } from "./graph";
import { type ComfyExtension, register, registered } from "./hooks";
import { lenient } from "./missing";
import type { ComfyNode } from "./node";
import { withWidgets } from "./prompt";
import { ComfySettings } from "./settings";
import { WIDGETS } from "./widgets";

interface Toast {
  readonly severity?: string;
  readonly summary?: string;
  readonly detail?: string;
}

export class ComfyApp {
  readonly graph = lenient("app.graph", new ComfyGraph());
  readonly rootGraph = this.graph;
  readonly ui = { settings: new ComfySettings(), dialog: null };
  readonly canvas = lenient("app.canvas", new ComfyCanvas(this));
  readonly widgets = WIDGETS;
  readonly extensionManager = lenient("app.extensionManager", {
    toast: { add: toast, remove() {}, removeAll() {} },
    setting: {
      get: (id: string) => this.ui.settings.getSettingValue(id),
      set: (id: string, value: unknown) => this.ui.settings.setSettingValue(id, value),
    },
    command: { execute: (id: string) => perform(id) },
  });

  constructor(readonly api: ComfyApi) {}

  get extensions(): readonly ComfyExtension[] {
    return registered();
  }

  get nodeOutputs() {
    return Object.fromEntries(useRuns.getState().outputs);
  }

  registerExtension(extension: ComfyExtension): void {
    register(extension);
  }

  /** The open document in both formats. Packs may put a function of their own in its place. */
  async graphToPrompt(): Promise<{ workflow: JsonObject; output: JsonObject }> {
    const document = activeDocument();
    const { prompt } = toPrompt(document, useCatalogue.getState().catalogue);
    return { workflow: writeDocument(document), output: await withWidgets(prompt as unknown as JsonObject) };
  }

  async queuePrompt(): Promise<boolean> {
    await perform("run.queue");
    return true;
  }

  async loadGraphData(workflow: JsonObject): Promise<void> {
    openTab(newTab(activeTab().name, readDocument(workflow)));
  }

  async refreshComboInNodes(): Promise<void> {
    await loadCatalogue();
  }

  getNodeDefs(): JsonObject {
    return Object.fromEntries([...useCatalogue.getState().catalogue].map(([name, { info }]) => [name, asObject(info)]));
  }
}

/** What packs ask of the canvas that this page does not have: which nodes are selected, above all. */
class ComfyCanvas {
  readonly ds = { scale: 1, offset: [0, 0] };

  constructor(private readonly app: ComfyApp) {}

  get graph(): ComfyGraph {
    return this.app.graph;
  }

  get selected_nodes(): Record<string, ComfyNode> {
    const ids = [...activeTab().selection];
    return Object.fromEntries(
      ids.flatMap((id) => this.app.graph.getNodeById(id) ?? []).map((node) => [String(node.id), node]),
    );
  }

  setDirty(): void {}
  draw(): void {}
}

function toast({ severity = "info", summary = "", detail = "" }: Toast): void {
  const kinds: Record<string, "info" | "good" | "warn" | "bad"> = { success: "good", warn: "warn", error: "bad" };
  notify(kinds[severity] ?? "info", [summary, detail].filter(Boolean).join(": "));
}
